CREATE TABLE member (
    id bigserial PRIMARY KEY,
    email varchar(200) NOT NULL CONSTRAINT member_email_key UNIQUE,
    team_id integer NOT NULL REFERENCES team (id)
);
