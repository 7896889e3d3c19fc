/** Who is known to the server: learners, their sessions (one for each browser), their accounts elsewhere, and their roles. */
import { randomBytes } from 'node:crypto';
import type { Role } from '../../src/shared/protocol/roles.ts';
import { nameKey } from '../platform/names.ts';
import type { Row, Sqlite } from './sqlite.ts';

export interface LearnerRow {
	/** Names them in this store, and nowhere else: no cookie, address or log holds it. */
	id: string;
	/** Public name, "learner-7f3a9c": unique; in the registry and in logs. */
	name: string;
	/** What their values of lessons' parameters follow from. Secret: who knew it, and the server's, could work them out. */
	seed: string;
	created: number;
}

/** One browser in which a learner is known. */
export interface SessionRow {
	/** Of the cookie's secret, which is stored nowhere. */
	digest: string;
	learner: LearnerRow;
	/** Those that hold on the whole server, besides 'learner', which everybody has. */
	roles: Role[];
	/** They have an account: by a trainer's link, or elsewhere. */
	account: boolean;
	/** Somebody else vouches for the learner, for so long: it is not renewed. */
	vouched: boolean;
	/** When it ends unless it is renewed, ms since 1970. */
	expires: number;
	/** Made for a cookie from before there were sessions: its secret was the learner's id. */
	inherited: boolean;
}

/** Who an identity provider says that they are. */
export interface AccountKey {
	/** Address of the provider, to the letter. */
	issuer: string;
	/** The provider's name for the person: unique there, and never given to somebody else. */
	subject: string;
}

export interface People {
	createLearner(): LearnerRow;
	learner(id: string): LearnerRow | undefined;
	/** Whose public name, account's name or name in a room that is; capitals, accents and blanks do not matter. */
	named(text: string): LearnerRow[];
	/** Forgets learners made before that time who have neither progress, a sandbox, kept files, an account, a role, a room nor a certificate; returns how many. */
	forgetVisitors(before: number, present?: Iterable<string>): number;

	/** Of too many of one learner, those that have been left alone for longest end. */
	putSession(session: { digest: string; learner: string; expires: number }): void;
	/** Undefined when it is unknown or over. */
	session(digest: string, now: number): SessionRow | undefined;
	/** Lasts until `expires` from now on. */
	renewSession(digest: string, expires: number): void;
	/** All sessions of a learner, wherever they are, end then at the latest. */
	boundSessions(learner: string, expires: number): void;
	/** Ends all sessions of a learner, wherever they are. */
	endSessions(learner: string): void;
	endSession(digest: string): void;
	/** Forgets sessions that were over before that time. */
	forgetSessions(before: number): void;

	/** The account is this learner's from now on. */
	putAccount(account: AccountKey & { learner: string; name?: string }): void;
	learnerOfAccount(account: AccountKey): LearnerRow | undefined;
	/** By a trainer's link, or elsewhere; with or without a name. */
	hasAccount(learner: string): boolean;
	/** What the person is called there; undefined when that is not known. */
	accountName(learner: string): string | undefined;
	/** What somebody else says that they are called: not a trainer's link. */
	vouchedName(learner: string): string | undefined;

	/** Somebody has that role on the whole server. */
	isHeld(role: Role): boolean;
	putRole(learner: string, role: Role): void;
	removeRole(learner: string, role: Role): void;
	/** Those that hold on the whole server, besides 'learner'. */
	roles(learner: string): Role[];
	/** Those and no others, on the whole server. */
	setRoles(learner: string, roles: Iterable<Role>): void;
}

/** Browsers in which one learner is known: who has a personal word may come back by it again and again, and each time is a row. */
const mostSessions = 50;

const learnerColumns = 'learner.id, learner.name, learner.seed, learner.created';

/** The tables `learner`, `session`, `account` and `role`. */
export class PeopleTables implements People {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	createLearner(): LearnerRow {
		for (let attempt = 0; attempt < 50; attempt++) {
			const row: LearnerRow = {
				id: randomBytes(24).toString('base64url'),
				name: `learner-${randomBytes(3).toString('hex')}`,
				seed: randomBytes(24).toString('base64url'),
				created: Date.now(),
			};
			const sql = 'insert into learner (id, name, seed, created) values (?, ?, ?, ?) on conflict do nothing';
			if (this.#sql.run(sql, row.id, row.name, row.seed, row.created) === 1) return row;
		}
		throw new Error('no free name for a learner in 50 attempts');
	}

	learner(id: string): LearnerRow | undefined {
		const row = this.#sql.get(`select ${learnerColumns} from learner where id = ?`, id);
		return row && learnerRow(row);
	}

	named(text: string): LearnerRow[] {
		const key = nameKey(text);
		const accounts = this.#sql.all("select learner, name from account where coalesce(name, '') <> ''");
		const ids = accounts.filter(({ name }) => nameKey(String(name)) === key).map(({ learner }) => String(learner));
		const sql = `select ${learnerColumns} from learner where name = ?1 or id in (select value from json_each(?2))
			or id in (select learner from room_person where key = ?3) order by created, id`;
		return this.#sql.all(sql, text, JSON.stringify(ids), key).map(learnerRow);
	}

	forgetVisitors(before: number, present: Iterable<string> = []): number {
		return this.#sql.run(
			`delete from learner where created < ?1
			and id not in (select value from json_each(?2))
			and id not in (select learner from step) and id not in (select learner from sandbox where learner is not null)
			and id not in (select learner from home) and id not in (select learner from account) and id not in (select learner from role)
			and id not in (select learner from room_person) and id not in (select learner from certificate)`,
			before,
			JSON.stringify([...present]),
		);
	}

	putSession({ digest, learner, expires }: { digest: string; learner: string; expires: number }): void {
		this.#sql.run('insert into session (digest, learner, expires) values (?, ?, ?)', digest, learner, expires);
		this.#sql.run(
			`delete from session where digest in (
				select digest from session where learner = ?1 and digest <> ?2 order by expires desc limit -1 offset ?3)`,
			learner,
			digest,
			mostSessions - 1,
		);
	}

	session(digest: string, now: number): SessionRow | undefined {
		const row = this.#sql.get(
			`select ${learnerColumns}, digest, expires, inherited,
				exists (select 1 from account where account.learner = learner.id) as account,
				exists (select 1 from account where account.learner = learner.id and issuer not like 'etabli:%') as vouched,
				(select group_concat(role) from role where role.learner = learner.id) as roles
			from session join learner on learner.id = session.learner where digest = ? and expires > ?`,
			digest,
			now,
		);
		return (
			row && {
				digest,
				learner: learnerRow(row),
				roles: row['roles'] === null ? [] : (String(row['roles']).split(',') as Role[]),
				account: row['account'] === 1,
				vouched: row['vouched'] === 1,
				expires: Number(row['expires']),
				inherited: row['inherited'] === 1,
			}
		);
	}

	renewSession(digest: string, expires: number): void {
		this.#sql.run('update session set expires = ? where digest = ?', expires, digest);
	}

	boundSessions(learner: string, expires: number): void {
		this.#sql.run('update session set expires = min(expires, ?) where learner = ?', expires, learner);
	}

	endSession(digest: string): void {
		this.#sql.run('delete from session where digest = ?', digest);
	}

	endSessions(learner: string): void {
		this.#sql.run('delete from session where learner = ?', learner);
	}

	forgetSessions(before: number): void {
		this.#sql.run('delete from session where expires < ?', before);
	}

	putAccount({ issuer, subject, learner, name }: AccountKey & { learner: string; name?: string }): void {
		const sql = 'insert or replace into account (issuer, subject, learner, name) values (?, ?, ?, ?)';
		this.#sql.run(sql, issuer, subject, learner, name ?? null);
	}

	learnerOfAccount({ issuer, subject }: AccountKey): LearnerRow | undefined {
		const row = this.#sql.get(
			`select ${learnerColumns} from learner join account on account.learner = learner.id where issuer = ? and subject = ?`,
			issuer,
			subject,
		);
		return row && learnerRow(row);
	}

	hasAccount(learner: string): boolean {
		return this.#sql.get('select 1 from account where learner = ? limit 1', learner) !== undefined;
	}

	accountName(learner: string): string | undefined {
		const row = this.#sql.get('select name from account where learner = ? and name is not null order by issuer, subject limit 1', learner);
		return row && String(row['name']);
	}

	vouchedName(learner: string): string | undefined {
		const sql = "select name from account where learner = ? and issuer not like 'etabli:%' and name is not null order by issuer limit 1";
		const row = this.#sql.get(sql, learner);
		return row && String(row['name']);
	}

	isHeld(role: Role): boolean {
		return this.#sql.get('select 1 from role where role = ? limit 1', role) !== undefined;
	}

	putRole(learner: string, role: Role): void {
		this.#sql.run('insert or ignore into role (learner, role) values (?, ?)', learner, role);
	}

	removeRole(learner: string, role: Role): void {
		this.#sql.run('delete from role where learner = ? and role = ?', learner, role);
	}

	roles(learner: string): Role[] {
		return this.#sql.all('select role from role where learner = ?', learner).map((row) => String(row['role']) as Role);
	}

	setRoles(learner: string, roles: Iterable<Role>): void {
		this.#sql.run('delete from role where learner = ?', learner);
		for (const role of roles) this.putRole(learner, role);
	}
}

function learnerRow(row: Row): LearnerRow {
	return { id: String(row['id']), name: String(row['name']), seed: String(row['seed']), created: Number(row['created']) };
}
