CREATE INDEX member_team_id_idx ON member (team_id);
