INSERT INTO category (id, name) VALUES (40, 'praise');
