/** The store's schema, as numbered steps that are never edited once released: a change is a new step at the end. (Over 400 lines: they are added to, and never parted.) */
import { createHash } from 'node:crypto';
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
	{
		version: 5,
		name: 'sessions, accounts, roles',
		sql: `
			-- What values of parameters follow from. That of learners from before is their id: their values stay.
			alter table learner add column seed text not null default '';
			update learner set seed = id;

			-- One for each browser. The cookie's secret is not here, only its digest.
			create table session (
				digest text primary key,
				learner text not null references learner (id) on delete cascade,
				expires integer not null,
				-- Made below for a cookie from before: 0 or 1.
				inherited integer not null default 0
			) strict, without rowid;
			create index session_of_learner on session (learner);
			-- Cookies from before hold the learner's id: they go on being good for as long as browsers keep them, 400 days.
			insert into session (digest, learner, expires, inherited)
				select token_digest(id), id, unixepoch() * 1000 + 400 * 24 * 3600 * 1000, 1 from learner;

			-- Who an identity provider says that they are.
			create table account (
				issuer text not null,
				subject text not null,
				learner text not null references learner (id) on delete cascade,
				primary key (issuer, subject)
			) strict, without rowid;
			create index account_of_learner on account (learner);

			create table role (
				learner text not null references learner (id) on delete cascade,
				role text not null check (role in ('helper', 'trainer', 'operator')),
				primary key (learner, role)
			) strict, without rowid;
		`,
	},
	{
		version: 6,
		name: 'rooms',
		sql: `
			alter table account add column name text;

			create table room (
				id text primary key,
				-- null once it has been closed.
				code text unique,
				title text not null,
				course text not null,
				-- JSON: slugs; empty for all.
				lessons text not null,
				state text not null check (state in ('planned', 'open', 'closed')),
				starts integer not null,
				ends integer not null,
				erases integer not null,
				expected integer not null,
				-- JSON: names that people may pick.
				names text not null,
				created integer not null
			) strict, without rowid;

			create table room_person (
				room text not null references room (id) on delete cascade,
				learner text not null references learner (id) on delete cascade,
				role text not null check (role in ('learner', 'helper', 'trainer')),
				name text not null,
				-- Two people of one room do not have the same.
				key text not null,
				-- Digest of the personal word.
				word text unique,
				joined integer not null,
				primary key (room, learner),
				unique (room, key)
			) strict, without rowid;
			create index room_person_of_learner on room_person (learner);

			-- Links that let somebody in, once: digests of what stands in them.
			create table link (
				digest text primary key,
				role text not null check (role in ('helper', 'trainer')),
				-- null: a trainer of the whole server.
				room text references room (id) on delete cascade,
				name text not null,
				expires integer not null
			) strict, without rowid;
		`,
	},
	{
		version: 7,
		name: 'work in rooms',
		sql: `
			-- One person's work on one step while the room is held; it goes with the person, and with the room.
			create table room_step (
				room text not null,
				learner text not null,
				lesson text not null,
				step text not null,
				-- The last verdict; todo: it was taken back.
				state text not null check (state in ('todo', 'passed', 'failed', 'error')),
				-- First verdict, first "passed", last verdict.
				begun integer not null,
				passed integer,
				last integer not null,
				-- Verdicts "not yet" before it was first passed.
				tries integer not null,
				primary key (room, learner, lesson, step),
				foreign key (room, learner) references room_person (room, learner) on delete cascade
			) strict, without rowid;

			-- What checks said no with, to whom, how often.
			create table room_sentence (
				room text not null,
				learner text not null,
				lesson text not null,
				step text not null,
				fr text not null,
				en text not null,
				times integer not null,
				primary key (room, learner, lesson, step, fr, en),
				foreign key (room, learner) references room_person (room, learner) on delete cascade
			) strict, without rowid;
		`,
	},
	{
		version: 8,
		name: 'raised hands',
		sql: `
			-- Who asks for help in a room; it goes when the hand is lowered, with the person, and with the room.
			create table hand (
				id text primary key,
				room text not null,
				learner text not null,
				lesson text not null,
				step text not null,
				line text,
				-- As they were when it was raised: the last verdict on the step, the last command.
				verdict text,
				command text,
				since integer not null,
				-- Name of who is on the way.
				taken_by text,
				unique (room, learner),
				foreign key (room, learner) references room_person (room, learner) on delete cascade
			) strict, without rowid;
		`,
	},
	{
		version: 9,
		name: 'who looked at terminals',
		sql: `
			-- For the person who was looked at; it goes with them, and with the room.
			create table look_event (
				id integer primary key,
				room text not null,
				learner text not null,
				-- One visit, from the question to the end.
				look text not null,
				at integer not null,
				by text not null,
				what text not null,
				foreign key (room, learner) references room_person (room, learner) on delete cascade
			) strict;
			create index look_event_of_person on look_event (room, learner);
		`,
	},
	{
		version: 10,
		name: 'pace of rooms',
		sql: `
			-- How a trainer leads the class through its time; JSON each, null: nothing is said.
			create table room_pace (
				room text primary key references room (id) on delete cascade,
				-- Who asks everybody to look up, until when.
				attention text,
				-- The step after which the class stops.
				gate text,
				-- The step of an exercise, and when its time is over.
				clock text
			) strict, without rowid;
		`,
	},
	{
		version: 11,
		name: 'minute cards',
		sql: `
			create table card (
				id text primary key,
				room text not null references room (id) on delete cascade,
				question text not null,
				-- JSON; empty: people answer in their own words.
				choices text not null,
				open integer not null,
				-- On the wall.
				shown integer not null,
				made integer not null
			) strict, without rowid;
			create index card_of_room on card (room);

			-- Who has answered, so that nobody does so twice; not what.
			create table card_voter (
				card text not null references card (id) on delete cascade,
				room text not null,
				learner text not null,
				primary key (card, learner),
				foreign key (room, learner) references room_person (room, learner) on delete cascade
			) strict, without rowid;
			create index card_voter_of_person on card_voter (room, learner);

			-- What was answered: no person, no time, no order.
			create table card_count (
				card text not null references card (id) on delete cascade,
				choice integer not null,
				people integer not null,
				primary key (card, choice)
			) strict, without rowid;
			create table card_text (
				card text not null references card (id) on delete cascade,
				-- Random.
				name text not null,
				text text not null,
				primary key (card, name)
			) strict, without rowid;
		`,
	},
	{
		version: 12,
		name: 'hints and solutions opened in rooms',
		sql: `
			create table room_opened (
				room text not null,
				learner text not null,
				lesson text not null,
				step text not null,
				-- "hint 1", "solution"
				what text not null,
				-- For the first time.
				at integer not null,
				primary key (room, learner, lesson, step, what),
				foreign key (room, learner) references room_person (room, learner) on delete cascade
			) strict, without rowid;
		`,
	},
	{
		version: 13,
		name: 'hands that are leave to look',
		sql: `
			-- As the room's trainers set it, and as the page said that raised the hand.
			alter table room add column hand_looks integer not null default 0;
			alter table hand add column looks integer not null default 0;
		`,
	},
	{
		version: 14,
		name: 'work of learners',
		sql: `
			-- How long somebody has worked on a lesson, and when there was last a sign of it.
			create table work_time (
				learner text not null references learner (id) on delete cascade,
				course text not null,
				lesson text not null,
				ms integer not null,
				last integer not null,
				primary key (learner, course, lesson)
			) strict, without rowid;
			-- Of the commands that are still known: from one's beginning or end to the next, unless that took more than ten minutes.
			insert into work_time
				select learner, course, lesson, sum(iif(gap <= 600000, gap, 0)), max(at) from (
					select *, at - lag(at) over (partition by learner order by at) as gap from (
						select learner, course, substr(terminal, 1, instr(terminal, '/') - 1) as lesson, at - ms as at from past_command
						union all select learner, course, substr(terminal, 1, instr(terminal, '/') - 1), at from past_command
						union all select learner, course, substr(terminal, 1, instr(terminal, '/') - 1), at - ms
							from command join sandbox on sandbox.name = command.sandbox where learner is not null
						union all select learner, course, substr(terminal, 1, instr(terminal, '/') - 1), at
							from command join sandbox on sandbox.name = command.sandbox where learner is not null))
				where lesson <> '' group by learner, course, lesson;

			create table work_step (
				learner text not null references learner (id) on delete cascade,
				course text not null,
				lesson text not null,
				step text not null,
				-- Different verdicts "not yet" before it was first passed; digest of what the last one said.
				tries integer not null,
				said text,
				-- When it was first passed.
				passed integer,
				primary key (learner, course, lesson, step)
			) strict, without rowid;
		`,
	},
	{
		version: 15,
		name: 'certificates',
		sql: `
			create table certificate (
				code text primary key,
				learner text not null references learner (id) on delete cascade,
				course text not null,
				-- As it was when it was issued.
				title_fr text not null,
				title_en text not null,
				name text not null,
				lessons integer not null,
				steps integer not null,
				ms integer not null,
				issued integer not null,
				unique (learner, course)
			) strict, without rowid;
		`,
	},
	{
		version: 16,
		name: 'learning platforms',
		sql: `
			create table lti_platform (
				name text primary key,
				issuer text not null,
				client text not null,
				authorization text not null,
				token text not null,
				keys text not null,
				-- JSON: ids.
				deployments text not null,
				unique (issuer, client)
			) strict, without rowid;
			-- Where a learner's score of a lesson goes, and what has been told there.
			create table lti_grade (
				learner text not null references learner (id) on delete cascade,
				course text not null,
				lesson text not null,
				platform text not null references lti_platform (name) on delete cascade,
				line text not null,
				subject text not null,
				told integer,
				primary key (learner, course, lesson, line)
			) strict, without rowid;
		`,
	},
	{
		version: 17,
		name: 'lists of courses of platforms, invitations of platforms',
		sql: `
			-- Since when the column has not been found there; null: it was found, or not asked for.
			alter table lti_grade add column gone integer;
			-- A course of a platform from which lessons of ours were opened, with where the list of its people is had.
			create table lti_course (
				platform text not null references lti_platform (name) on delete cascade,
				-- Its id there.
				context text not null,
				-- Ours.
				course text not null,
				title text not null,
				members text not null,
				primary key (platform, context, course)
			) strict, without rowid;
			-- JSON: the course of a platform from which the room's list was taken.
			alter table room add column roster_from text;
			-- By which a platform registers itself, once: the digest of what stands in the link.
			create table lti_invitation (
				digest text primary key,
				-- What the platform will be called here.
				name text not null,
				expires integer not null
			) strict, without rowid;
		`,
	},
];

/** What is stored of a secret that a cookie holds: whoever reads the store cannot make the cookie. */
export function tokenDigest(token: string): string {
	return createHash('sha256').update(token).digest('base64url');
}

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
	database.function('token_digest', { deterministic: true }, (token) => tokenDigest(String(token)));
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
			// SQLite itself rolls back on some errors (disk full); a second rollback would hide the first error.
			if (database.isTransaction) database.exec('rollback');
			throw error;
		}
	}
}
