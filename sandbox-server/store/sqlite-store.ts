/** The store over node:sqlite. One file, write-ahead log: whatever a method has done survives `kill -9` of the server. (Over 400 lines: one short method for each of the store's.) */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import type { StepReport, StepState } from '../../src/shared/api.ts';
import { migrate, StoreUnusable } from './migrations.ts';
import type { CommandRow, HomeRow, LearnerRow, PoolOrderRow, ReasonRow, SandboxRow, Store } from './store.ts';

/** Commands kept per sandbox. Marks can be forged in any number by the learner: the file must not grow without bound. */
const commandsKept = 5_000;
/** Commands of a sandbox whose output is kept: at most 8 KiB each, in lessons with a check that looks at it. */
const printedKept = 200;
/** Bytes kept of a sandbox's commands, and of a learner's past ones in a course: far more than a person types, far less than 5,000 of the longest. */
const commandBytesKept = 4 * 2 ** 20;
/** That is looked at after so many new bytes of a sandbox's commands. */
const commandBytesBetween = commandBytesKept / 16;
/** What a row costs beside its texts, bytes. */
const rowBytes = 64;
/** How long a statement waits for another process's transaction, in ms. */
const busyTimeout = 5_000;

type Row = Record<string, SQLOutputValue>;

/**
 * Opens, and makes or migrates, the database at `path` (':memory:' for tests); readable by this user only.
 * @throws StoreUnusable with a sentence for the operator
 */
export function openStore(path: string): SqliteStore {
	let database: DatabaseSync | undefined;
	try {
		// SQLite gives its -wal and -shm files the mode of the database itself.
		if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
		database = new DatabaseSync(path, { timeout: busyTimeout, enableForeignKeyConstraints: true });
		database.exec('pragma journal_mode = wal; pragma synchronous = normal;');
		migrate(database, path);
		return new SqliteStore(database);
	} catch (error) {
		database?.close();
		if (error instanceof StoreUnusable) throw error;
		throw new StoreUnusable(`${path} cannot be used: ${wordsFor(error)}`, { cause: error });
	}
}

function wordsFor(error: unknown): string {
	const { code, errcode, message } = error as { code?: string; errcode?: number; message?: string };
	if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || errcode === 8) {
		return 'this user may not write there. Change its owner, or give another folder with --data.';
	}
	if (code === 'ENOENT' || code === 'ENOTDIR') return 'its folder does not exist. Make it, or give another folder with --data.';
	if (code === 'ENOSPC' || errcode === 13) return 'the disk is full. Make room, then start again.';
	if (errcode === 5) return 'another process has held it for too long. Stop the other server (etabli down), then start again.';
	if (errcode === 11 || errcode === 26) return 'it is damaged, or no database. Restore a copy, or move it away to start with no progress.';
	return `${message ?? String(error)}. Give another folder with --data, or move the file away to start with no progress.`;
}

export class SqliteStore implements Store {
	readonly #database: DatabaseSync;
	readonly #statements = new Map<string, StatementSync>();
	/** Bytes of commands since they were last measured, by sandbox. */
	readonly #unmeasured = new Map<string, number>();

	constructor(database: DatabaseSync) {
		this.#database = database;
	}

	createLearner(): LearnerRow {
		for (let attempt = 0; attempt < 50; attempt++) {
			const row: LearnerRow = {
				id: randomBytes(24).toString('base64url'),
				name: `learner-${randomBytes(3).toString('hex')}`,
				created: Date.now(),
			};
			const sql = 'insert into learner (id, name, created) values (?, ?, ?) on conflict do nothing';
			if (this.#run(sql, row.id, row.name, row.created) === 1) return row;
		}
		throw new Error('no free name for a learner in 50 attempts');
	}

	learner(id: string): LearnerRow | undefined {
		const row = this.#get('select id, name, created from learner where id = ?', id);
		return row && { id: String(row['id']), name: String(row['name']), created: Number(row['created']) };
	}

	forgetVisitors(before: number, present: Iterable<string> = []): number {
		return this.#run(
			`delete from learner where created < ?1
			and id not in (select value from json_each(?2))
			and id not in (select learner from step) and id not in (select learner from sandbox where learner is not null)
			and id not in (select learner from home)`,
			before,
			JSON.stringify([...present]),
		);
	}

	putSandbox(row: SandboxRow): void {
		const changed = this.#run(
			`insert into sandbox (name, course, learner, state, created, claimed, seen, extended) values (?, ?, ?, ?, ?, ?, ?, ?)
			on conflict (name) do update set
				learner = excluded.learner, state = excluded.state, claimed = excluded.claimed, seen = excluded.seen,
				extended = excluded.extended
			where course = excluded.course and (learner is null or learner = excluded.learner)`,
			row.name,
			row.course,
			row.learner ?? null,
			row.state,
			row.created,
			row.claimed ?? null,
			row.seen,
			row.extended ?? 0,
		);
		if (changed === 0) throw new Error(`sandbox ${row.name} belongs to another learner or course`);
	}

	sandboxes(): SandboxRow[] {
		return this.#all('select * from sandbox order by created, name').map(sandboxRow);
	}

	claim(course: string, learner: string, now: number): SandboxRow | undefined {
		return this.#transaction(() => {
			const own = this.#get("select * from sandbox where course = ? and learner = ? and state <> 'stopping'", course, learner);
			if (own) return sandboxRow(own);
			const row = this.#get(
				`update sandbox set learner = ?, claimed = ?, seen = ? where name = (
					select name from sandbox where course = ? and learner is null and state = 'ready' order by created, name limit 1
				) returning *`,
				learner,
				now,
				now,
				course,
			);
			return row && sandboxRow(row);
		});
	}

	removeSandbox(name: string): void {
		this.#transaction(() => {
			this.#run(
				`insert into past_command (learner, course, terminal, at, command, exit, folder, ms)
				select sandbox.learner, sandbox.course, terminal, at, command, exit, folder, ms
				from command join sandbox on sandbox.name = command.sandbox
				where sandbox.name = ? and sandbox.learner is not null order by command.id`,
				name,
			);
			this.#run(
				`delete from past_command where id <= (
					select past.id from past_command as past join sandbox using (learner, course)
					where sandbox.name = ?1 order by past.id desc limit 1 offset ?2)
				and (learner, course) = (select learner, course from sandbox where name = ?1)`,
				name,
				commandsKept,
			);
			this.#run(
				`delete from past_command where (learner, course) = (select learner, course from sandbox where name = ?1) and id <= (
					select max(id) from (
						select past.id, sum(octet_length(command) + octet_length(folder) + ?3) over (order by past.id desc) as total
						from past_command as past join sandbox using (learner, course) where sandbox.name = ?1)
					where total > ?2)`,
				name,
				commandBytesKept,
				rowBytes,
			);
			this.#unmeasured.delete(name);
			this.#run('delete from sandbox where name = ?', name);
		});
	}

	steps(learner: string, course: string, lesson?: string): StepReport[] {
		const rows =
			lesson === undefined
				? this.#all('select * from step where learner = ? and course = ?', learner, course)
				: this.#all('select * from step where learner = ? and course = ? and lesson = ?', learner, course, lesson);
		return rows.map(stepReport);
	}

	putStep(learner: string, course: string, report: StepReport): StepReport {
		return this.#transaction(() => {
			const key = [learner, course, report.lesson, report.step] as const;
			const where = 'learner = ? and course = ? and lesson = ? and step = ?';
			if (report.state === 'todo') {
				this.#run(`delete from step where ${where} and state <> 'passed'`, ...key);
			} else if (report.state !== 'checking') {
				this.#run(
					`insert into step (learner, course, lesson, step, state, message, hint) values (?, ?, ?, ?, ?, ?, ?)
					on conflict do update set state = excluded.state, message = excluded.message, hint = excluded.hint where state <> 'passed'`,
					...key,
					report.state,
					report.message ?? null,
					report.hint ?? null,
				);
			}
			const row = this.#get(`select * from step where ${where}`, ...key);
			const stored = row && stepReport(row);
			return stored && (report.state !== 'checking' || stored.state === 'passed') ? stored : report;
		});
	}

	putQuiz({
		learner,
		course,
		lesson,
		quiz,
		correct,
	}: {
		learner: string;
		course: string;
		lesson: string;
		quiz: string;
		correct: boolean;
	}): void {
		this.#run('insert or replace into quiz values (?, ?, ?, ?, ?)', learner, course, lesson, quiz, Number(correct));
	}

	quizzes(learner: string, course: string, lesson: string): string[] {
		const sql = 'select quiz from quiz where learner = ? and course = ? and lesson = ? and correct = 1 order by quiz';
		return this.#all(sql, learner, course, lesson).map((row) => String(row['quiz']));
	}

	dropStep(learner: string, course: string, lesson: string, step: string): void {
		this.#run('delete from step where learner = ? and course = ? and lesson = ? and step = ?', learner, course, lesson, step);
	}

	forgetSteps(learner: string, course: string, lesson?: string, step?: string): void {
		this.#transaction(() => {
			this.#run(
				'delete from step where learner = ?1 and course = ?2 and (?3 is null or lesson = ?3) and (?4 is null or step = ?4)',
				learner,
				course,
				lesson ?? null,
				step ?? null,
			);
			if (step === undefined) {
				this.#run('delete from quiz where learner = ?1 and course = ?2 and (?3 is null or lesson = ?3)', learner, course, lesson ?? null);
			}
			this.#run('insert or replace into forgotten values (?, ?, ?, ?, ?)', learner, course, lesson ?? '', step ?? '', Date.now());
		});
	}

	forgottenAt(learner: string, course: string, lesson: string, step: string): number {
		const sql = `select coalesce(max(at), 0) as at from forgotten
			where learner = ? and course = ? and lesson in (?, '') and step in (?, '')`;
		return Number(this.#get(sql, learner, course, lesson, step)?.['at'] ?? 0);
	}

	addCommand(row: CommandRow): void {
		this.#transaction(() => {
			// A command may end while its sandbox is being removed: nobody will ask for it, so it is let go.
			if (!this.#get('select 1 from sandbox where name = ?', row.sandbox)) return;
			this.#run(
				`insert into command (sandbox, terminal, at, command, exit, folder, ms, position, printed) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				row.sandbox,
				row.terminal,
				row.at,
				row.command,
				row.exit ?? null,
				row.folder,
				Math.round(row.ms),
				row.offset,
				row.printed ?? null,
			);
			if (row.printed !== undefined) {
				this.#run(
					`update command set printed = null where sandbox = ?1 and printed is not null and id <= (
						select id from command where sandbox = ?1 order by id desc limit 1 offset ?2)`,
					row.sandbox,
					printedKept,
				);
			}
			this.#run(
				`insert into terminal (sandbox, terminal, position) values (?, ?, ?)
				on conflict do update set position = excluded.position`,
				row.sandbox,
				row.terminal,
				row.offset,
			);
			this.#run(
				`delete from command where sandbox = ?1 and id <= (
					select id from command where sandbox = ?1 order by id desc limit 1 offset ?2)`,
				row.sandbox,
				commandsKept,
			);
			this.#boundCommands(row);
		});
	}

	/** The oldest go when a sandbox's commands are too many bytes. To measure them all for each one would cost more than to store it. */
	#boundCommands({ sandbox, command, folder, printed = '' }: CommandRow): void {
		const bytes = Buffer.byteLength(command) + Buffer.byteLength(folder) + Buffer.byteLength(printed) + rowBytes;
		const since = (this.#unmeasured.get(sandbox) ?? commandBytesBetween) + bytes;
		this.#unmeasured.set(sandbox, since > commandBytesBetween ? 0 : since);
		if (since <= commandBytesBetween) return;
		this.#run(
			`delete from command where sandbox = ?1 and id <= (
				select max(id) from (
					select id, sum(octet_length(command) + octet_length(folder) + coalesce(octet_length(printed), 0) + ?3) over (order by id desc) as total
					from command where sandbox = ?1)
				where total > ?2)`,
			sandbox,
			commandBytesKept,
			rowBytes,
		);
	}

	commands(sandbox: string, limit: number): CommandRow[] {
		const sql = 'select * from command where sandbox = ? order by id desc limit ?';
		return this.#all(sql, sandbox, Math.max(0, Math.floor(limit)))
			.map(commandRow)
			.reverse();
	}

	lastOffset(sandbox: string, terminal: string): bigint {
		const sql = 'select cast(position as text) as position from terminal where sandbox = ? and terminal = ?';
		return BigInt(String(this.#get(sql, sandbox, terminal)?.['position'] ?? '0'));
	}

	forgetOffset(sandbox: string, terminal: string): void {
		this.#run('delete from terminal where sandbox = ? and terminal = ?', sandbox, terminal);
	}

	setupDone(sandbox: string, lesson: string): boolean {
		return this.#get('select 1 from setup where sandbox = ? and lesson = ?', sandbox, lesson) !== undefined;
	}

	markSetup(sandbox: string, lesson: string, done: boolean): void {
		if (done) {
			const sql = 'insert into setup (sandbox, lesson) select name, ? from sandbox where name = ? on conflict do nothing';
			this.#run(sql, lesson, sandbox);
		} else {
			this.#run('delete from setup where sandbox = ? and lesson = ?', sandbox, lesson);
		}
	}

	setups(sandbox: string): string[] {
		return this.#all('select lesson from setup where sandbox = ? order by lesson', sandbox).map((row) => String(row['lesson']));
	}

	putHome(row: HomeRow): void {
		this.#run(
			'insert or replace into home (learner, course, file, saved, bytes, lessons, left_out) values (?, ?, ?, ?, ?, ?, ?)',
			row.learner,
			row.course,
			row.file,
			row.saved,
			row.bytes,
			JSON.stringify(row.lessons),
			JSON.stringify(row.leftOut),
		);
	}

	home(learner: string, course: string): HomeRow | undefined {
		const row = this.#get('select * from home where learner = ? and course = ?', learner, course);
		return row && homeRow(row);
	}

	homes(): HomeRow[] {
		return this.#all('select * from home order by saved').map(homeRow);
	}

	removeHome(learner: string, course: string): void {
		this.#transaction(() => {
			this.#run('delete from home where learner = ? and course = ?', learner, course);
			this.#run('delete from past_command where learner = ? and course = ?', learner, course);
		});
	}

	resumeHome(sandbox: string, { learner, course, saved, lessons }: HomeRow): void {
		this.#transaction(() => {
			for (const lesson of lessons) this.markSetup(sandbox, lesson, true);
			this.#run(
				`insert into command (sandbox, terminal, at, command, exit, folder, ms, position)
				select ?, terminal, at, command, exit, folder, ms, 0 from past_command
				where learner = ? and course = ? and at <= ? order by at, id`,
				sandbox,
				learner,
				course,
				saved,
			);
			this.#run('delete from past_command where learner = ? and course = ? and at <= ?', learner, course, saved);
		});
	}

	history(learner: string, course: string): Omit<CommandRow, 'offset' | 'sandbox'>[] {
		return this.#all(
			`select terminal, at, command, exit, folder, ms from past_command where learner = ?1 and course = ?2
			union all
			select terminal, at, command, exit, folder, ms from command join sandbox on sandbox.name = command.sandbox
			where sandbox.learner = ?1 and sandbox.course = ?2 order by at`,
			learner,
			course,
		).map(pastCommand);
	}

	putPoolOrder(course: string, order: PoolOrderRow | undefined): void {
		if (!order) this.#run('delete from pool_order where course = ?', course);
		else
			this.#run(
				'insert or replace into pool_order (course, ready, since, until) values (?, ?, ?, ?)',
				course,
				order.ready,
				order.from,
				order.until ?? null,
			);
	}

	poolOrders(): Map<string, PoolOrderRow> {
		return new Map(
			this.#all('select * from pool_order').map((row) => [
				String(row['course']),
				{ ready: Number(row['ready']), from: Number(row['since']), until: number(row['until']) },
			]),
		);
	}

	putReason(learner: string, course: string, reason: ReasonRow | undefined): void {
		if (!reason) this.#run('delete from reason where learner = ? and course = ?', learner, course);
		else
			this.#run(
				// Not for a learner who has been forgotten meanwhile.
				`insert or replace into reason (learner, course, lost, fr, en, at) select id, ?2, ?3, ?4, ?5, ?6 from learner where id = ?1`,
				learner,
				course,
				Number(reason.lost),
				reason.text.fr,
				reason.text.en,
				reason.at,
			);
	}

	reason(learner: string, course: string): ReasonRow | undefined {
		const row = this.#get('select * from reason where learner = ? and course = ?', learner, course);
		return row && { lost: row['lost'] === 1, text: { fr: String(row['fr']), en: String(row['en']) }, at: Number(row['at']) };
	}

	forgetReasons(before: number): void {
		this.#run('delete from reason where at < ?', before);
	}

	close(): void {
		if (this.#database.isOpen) this.#database.close();
	}

	#prepare(sql: string): StatementSync {
		let statement = this.#statements.get(sql);
		if (!statement) {
			statement = this.#database.prepare(sql);
			this.#statements.set(sql, statement);
		}
		return statement;
	}

	#run(sql: string, ...values: SQLInputValue[]): number {
		return Number(this.#prepare(sql).run(...values).changes);
	}

	#get(sql: string, ...values: SQLInputValue[]): Row | undefined {
		return this.#prepare(sql).get(...values);
	}

	#all(sql: string, ...values: SQLInputValue[]): Row[] {
		return this.#prepare(sql).all(...values);
	}

	/** "immediate": the right to write is taken before the first read, so that two servers never decide on the same row. */
	#transaction<T>(work: () => T): T {
		this.#database.exec('begin immediate');
		try {
			const result = work();
			this.#database.exec('commit');
			return result;
		} catch (error) {
			// SQLite itself rolls back on some errors (disk full); a second rollback would hide the first error.
			if (this.#database.isTransaction) this.#database.exec('rollback');
			throw error;
		}
	}
}

const number = (value: SQLOutputValue | undefined) => (value === null || value === undefined ? undefined : Number(value));

function homeRow(row: Row): HomeRow {
	return {
		learner: String(row['learner']),
		course: String(row['course']),
		file: String(row['file']),
		saved: Number(row['saved']),
		bytes: Number(row['bytes']),
		lessons: JSON.parse(String(row['lessons'])) as string[],
		leftOut: JSON.parse(String(row['left_out'])) as string[],
	};
}

function sandboxRow(row: Row): SandboxRow {
	return {
		name: String(row['name']),
		course: String(row['course']),
		learner: row['learner'] === null ? undefined : String(row['learner']),
		state: row['state'] as SandboxRow['state'],
		created: Number(row['created']),
		claimed: number(row['claimed']),
		seen: Number(row['seen']),
		...(Number(row['extended']) > 0 && { extended: Number(row['extended']) }),
	};
}

function stepReport(row: Row): StepReport {
	const report: StepReport = { lesson: String(row['lesson']), step: String(row['step']), state: row['state'] as StepState };
	if (row['message'] !== null) report.message = String(row['message']);
	if (row['hint'] !== null) report.hint = Number(row['hint']);
	return report;
}

function pastCommand(row: Row): Omit<CommandRow, 'offset' | 'sandbox'> {
	return {
		terminal: String(row['terminal']),
		at: Number(row['at']),
		command: String(row['command']),
		exit: number(row['exit']),
		folder: String(row['folder']),
		ms: Number(row['ms']),
	};
}

function commandRow(row: Row): CommandRow {
	return {
		sandbox: String(row['sandbox']),
		...pastCommand(row),
		// Read as a number: exact below 2^53 bytes of output, which no terminal reaches.
		offset: BigInt(Number(row['position'])),
		...(row['printed'] !== null && { printed: String(row['printed']) }),
	};
}
