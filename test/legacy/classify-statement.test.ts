import { describe, expect, it } from 'vitest';
import { classifyStatement } from '../../local/legacy/dump/classify-statement.ts';

describe('classifyStatement', () => {
  it.each([
    ['CREATE TABLE public.users (id text)', 'execute'],
    ['create unlogged table if not exists users (id text)', 'execute'],
    ['CREATE TABLE public."_prisma_migrations" (id text)', 'skip'],
    ['CREATE TABLE other.users (id text)', 'skip'],
    ['CREATE UNIQUE INDEX i ON ONLY public.users USING btree (lower(email))', 'execute'],
    ['CREATE INDEX i ON public.companies USING btree (id)', 'skip'],
    ['CREATE TYPE public."Role" AS ENUM (\'A\')', 'execute'],
    ['CREATE SEQUENCE public.s', 'execute'],
    ['CREATE SCHEMA public', 'skip'],
    ['CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public', 'skip'],
    ['ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id)', 'execute'],
    ['ALTER TABLE public.users OWNER TO app', 'skip'],
    ['ALTER TABLE public.companies ADD COLUMN x text', 'skip'],
    ['ALTER TABLE IF EXISTS ONLY public.users DROP CONSTRAINT IF EXISTS x', 'drop'],
    ['ALTER SEQUENCE public.s OWNED BY public.users.seq', 'skip'],
    ['ALTER FUNCTION public.f() OWNER TO app', 'skip'],
    ['DROP TABLE IF EXISTS public.users', 'drop'],
    ["SELECT pg_catalog.set_config('search_path', '', false)", 'skip'],
    ["SELECT pg_catalog.setval('public.s', 5, true)", 'setval'],
    ["SELECT * FROM pg_catalog.pg_restore_relation_stats('version', '180000'::integer)", 'skip'],
    ['SET transaction_timeout = 0', 'skip'],
    ["SET client_encoding = 'UTF8'", 'skip'],
    ["INSERT INTO public.users VALUES ('a', -1.5e3, NULL, true, DEFAULT, E'\\'')", 'insert'],
    ["INSERT INTO users (id, \"name\") VALUES ('a', 'b'), ('c', 'select f()') ON CONFLICT DO NOTHING", 'insert'],
    ["INSERT INTO other.users VALUES ('a')", 'skip'],
    ['COPY public.users (id, "name") FROM stdin', 'copy'],
    ['COMMENT ON TABLE public.users IS $$;$$', 'skip'],
    ['GRANT ALL ON public.users TO app', 'skip'],
    ['CREATE CONSTRAINT TRIGGER t AFTER INSERT ON public.users EXECUTE FUNCTION f()', 'skip'],
    ['CREATE TRIGGER t BEFORE INSERT ON public.users EXECUTE FUNCTION f()', 'skip'],
    ['BEGIN', 'skip'],
  ])('%s → %s', (sql, kind) => {
    expect(classifyStatement(sql).kind).toBe(kind);
  });

  it.each([
    ['DO $$ begin end $$', 'DO'],
    ['CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$ select 1 $$', 'CREATE FUNCTION'],
    ['CREATE OR REPLACE FUNCTION f() RETURNS int', 'CREATE OR REPLACE FUNCTION'],
    ['CREATE VIEW public.v AS SELECT 1', 'CREATE VIEW'],
    ['CREATE TABLE public.users AS SELECT 1', 'CREATE TABLE without'],
    ['CREATE TABLE public.campaigns (id text) PARTITION BY RANGE (id)', 'partitioned'],
    ['CREATE TABLE public.c1 () INHERITS (public.campaigns)', 'partitioned'],
    ['ALTER TABLE ONLY public.campaigns ATTACH PARTITION public.c1 DEFAULT', 'partitioned'],
    ['ALTER SYSTEM SET x = 1', 'ALTER SYSTEM'],
    ['ALTER TABLE public.users RENAME TO x', 'ALTER TABLE RENAME'],
    ["COPY public.users FROM '/etc/passwd'", 'COPY other than'],
    ["COPY public.users (id) FROM PROGRAM 'ls'", 'COPY other than'],
    ["COPY public.users (id) TO '/tmp/x'", 'COPY other than'],
    ['COPY public.users (id) FROM stdin WITH (FORMAT csv)', 'COPY other than'],
    ["INSERT INTO public.users VALUES (pg_read_file('x'))", '"pg_read_file"'],
    ['INSERT INTO public.users VALUES ("f"())', '"f"'],
    ['INSERT INTO public.users SELECT 1', 'INSERT without'],
    ['INSERT INTO public.users SELECT f() FROM (VALUES (1)) x', 'INSERT without'],
    ['SELECT pg_sleep(1)', 'SELECT pg_sleep'],
    ["SELECT pg_catalog.set_config('role', 'x', false), pg_sleep(1)", 'SELECT set_config'],
    ["SELECT setval('s', (select 1))", 'SELECT setval'],
    ["SELECT pg_catalog.lo_create('16400')", 'SELECT lo_create'],
    ['SELECT (SELECT 1)', 'SELECT'],
    ['CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()', 'CREATE EVENT TRIGGER'],
    ['CREATE MATERIALIZED VIEW public.mv AS SELECT 1', 'CREATE MATERIALIZED VIEW'],
    ['CREATE TEXT SEARCH CONFIGURATION public.korean (PARSER = x)', 'CREATE TEXT SEARCH CONFIGURATION'],
    ['CREATE FOREIGN DATA WRAPPER w', 'CREATE FOREIGN DATA WRAPPER'],
    ['CREATE OPERATOR CLASS public.c FOR TYPE text', 'CREATE OPERATOR CLASS'],
    ['CREATE OPERATOR public.=== (LEFTARG = text)', 'CREATE OPERATOR'],
    ['CREATE USER MAPPING FOR x SERVER s', 'CREATE USER MAPPING'],
    ['REFRESH MATERIALIZED VIEW public.mv', 'REFRESH MATERIALIZED VIEW'],
    ["SECURITY LABEL ON TABLE public.users IS 'x'", 'SECURITY LABEL'],
    ["SET client_encoding = 'EUC_KR'", 'EUC_KR'],
    ['SET standard_conforming_strings = off', 'standard_conforming_strings'],
    ['UPDATE public.users SET id = 1', 'UPDATE'],
    ['CREATE DATABASE linkpick', 'CREATE DATABASE'],
  ])('refuses %s by name', (sql, what) => {
    expect(classifyStatement(sql)).toMatchObject({ kind: 'refuse', what: expect.stringContaining(what) });
  });

  it('names what is refused without what comes behind', () => {
    expect(classifyStatement('CREATE OPERATOR public.=== (LEFTARG = text)')).toMatchObject({ what: 'CREATE OPERATOR' });
    expect(classifyStatement('CREATE USER bob')).toMatchObject({ what: 'CREATE USER' });
    expect(classifyStatement("SELECT pg_catalog.lo_create('1')")).toMatchObject({ remedy: expect.stringContaining('--no-blobs') });
  });
});
