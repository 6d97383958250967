INSERT INTO team (id, code, name) VALUES (1, 'core', 'Core'), (2, 'support', 'Support');
INSERT INTO category (id, name) VALUES (10, 'question'), (20, 'request'), (30, 'trouble');
