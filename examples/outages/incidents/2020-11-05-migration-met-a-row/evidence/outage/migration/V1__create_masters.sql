CREATE TABLE team (
    id integer PRIMARY KEY,
    code varchar(32) NOT NULL UNIQUE,
    name varchar(100) NOT NULL
);
CREATE TABLE category (
    id integer PRIMARY KEY,
    name varchar(100) NOT NULL
);
