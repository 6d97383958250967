INSERT INTO category (id, name) VALUES (50, 'idea');
