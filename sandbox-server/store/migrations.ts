/** The store's schema, as numbered steps that are never edited once released: a change is a new step at the end. */
import type { DatabaseSync } from 'node:sqlite';

export interface Migration {
	version: number;
	name: string;
	sql: string;
}

export const migrations: readonly Migration[] = [
	{
		version: 1,
		name: 'learners, sandboxes, steps, commands',
		sql: `
			create table learner (
				id text primary key,
				name text not null unique,
				created integer not null
			) strict, without rowid;

			create table sandbox (
				name text primary key,
				course text not null,
				learner text references learner (id),
				state text not null check (state in ('starting', 'ready', 'stopping')),
				created integer not null,
				claimed integer,
				seen integer not null
			) strict, without rowid;
			-- A sandbox being put away does not stand in the way of the next one.
			create unique index sandbox_of_learner on sandbox (course, learner) where learner is not null and state <> 'stopping';

			create table step (
				learner text not null references learner (id) on delete cascade,
				course text not null,
				lesson text not null,
				step text not null,
				state text not null check (state in ('failed', 'error', 'passed')),
				message text,
				hint integer,
				primary key (learner, course, lesson, step)
			) strict, without rowid;

			-- When steps were forgotten: commands from before no longer count for them. '' is the whole lesson, or the whole course.
			create table forgotten (
				learner text not null references learner (id) on delete cascade,
				course text not null,
				lesson text not null,
				step text not null,
				at integer not null,
				primary key (learner, course, lesson, step)
			) strict, without rowid;

			create table command (
				id integer primary key,
				sandbox text not null references sandbox (name) on delete cascade,
				terminal text not null,
				at integer not null,
				command text not null,
				exit integer,
				folder text not null,
				ms integer not null,
				position integer not null
			) strict;
			create index command_of_sandbox on command (sandbox, id);

			-- Apart from the commands, of which only the newest are kept.
			create table terminal (
				sandbox text not null references sandbox (name) on delete cascade,
				terminal text not null,
				position integer not null,
				primary key (sandbox, terminal)
			) strict, without rowid;

			create table setup (
				sandbox text not null references sandbox (name) on delete cascade,
				lesson text not null,
				primary key (sandbox, lesson)
			) strict, without rowid;
		`,
	},
	{
		version: 2,
		name: 'kept homes, extensions',
		sql: `
			alter table sandbox add column extended integer not null default 0;

			-- The learner's files from one sandbox to the next: an archive in <data>/homes, and what goes with it.
			create table home (
				learner text not null references learner (id) on delete cascade,
				course text not null,
				file text not null unique,
				saved integer not null,
				bytes integer not null,
				-- JSON: slugs of the lessons whose setup is in it.
				lessons text not null,
				-- JSON: paths that were too large.
				left_out text not null,
				primary key (learner, course)
			) strict, without rowid;

			-- Commands of sandboxes that are gone.
			create table past_command (
				id integer primary key,
				learner text not null references learner (id) on delete cascade,
				course text not null,
				terminal text not null,
				at integer not null,
				command text not null,
				exit integer,
				folder text not null,
				ms integer not null
			) strict;
			create index past_command_of_learner on past_command (learner, course, at);
		`,
	},
	{
		version: 3,
		name: 'what commands printed, answers to quizzes',
		sql: `
			-- Beginning and end of a command's output; null for most.
			alter table command add column printed text;

			create table quiz (
				learner text not null references learner (id) on delete cascade,
				course text not null,
				lesson text not null,
				quiz text not null,
				-- The newest answer is right: 0 or 1.
				correct integer not null,
				primary key (learner, course, lesson, quiz)
			) strict, without rowid;
		`,
	},
	{
		version: 4,
		name: 'pool orders, reasons',
		sql: `
			-- The operator's word on how many sandboxes are to be ready.
			create table pool_order (
				course text primary key,
				ready integer not null,
				since integer not null,
				until integer
			) strict, without rowid;

			-- Why a learner's sandbox is not there any more, for their next visit.
			create table reason (
				learner text not null references learner (id) on delete cascade,
				course text not null,
				lost integer not null,
				fr text not null,
				en text not null,
				at integer not null,
				primary key (learner, course)
			) strict, without rowid;
		`,
	},
];

/** The store cannot be used; the message is one or two sentences for the operator, with what to do. */
export class StoreUnusable extends Error {
	override readonly name = 'StoreUnusable';
}

/**
 * Brings the database to the newest version, each step in a transaction of its own: interrupted anywhere, the next start goes on.
 * @throws StoreUnusable when the database was written by a newer version of Établi
 */
export function migrate(database: DatabaseSync, path: string, steps: readonly Migration[] = migrations): void {
	database.exec('create table if not exists migration (version integer primary key, name text not null, applied integer not null) strict');
	const newest = steps.at(-1)?.version ?? 0;
	for (;;) {
		// "immediate": two servers that start at once take turns here.
		database.exec('begin immediate');
		try {
			const row = database.prepare('select max(version) as version from migration').get();
			const present = Number(row?.['version'] ?? 0);
			if (present > newest) {
				throw new StoreUnusable(
					`${path} was written by a newer version of Établi (its schema is ${present}, this version knows ${newest}). ` +
						'Run the newer version, or give another folder with --data.',
				);
			}
			const next = steps.find((step) => step.version > present);
			if (!next) {
				database.exec('commit');
				return;
			}
			database.exec(next.sql);
			database.prepare('insert into migration (version, name, applied) values (?, ?, ?)').run(next.version, next.name, Date.now());
			database.exec('commit');
		} catch (error) {
			database.exec('rollback');
			throw error;
		}
	}
}
