INSERT INTO team (id, code, name) VALUES (3, 'foo', 'Foo project');
