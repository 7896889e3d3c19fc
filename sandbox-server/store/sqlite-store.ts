/** The store over node:sqlite. One file, write-ahead log: whatever a method has done survives `kill -9` of the server. (Over 400 lines: one short method for each of the store's.) */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { StepReport, StepState } from '../../src/shared/protocol/api.ts';
import { type Certificates, CertificateTable } from './certificates.ts';
import { type ErasingRows, ErasingTables } from './erasing.ts';
import { type LtiRows, LtiTables } from './lti.ts';
import { migrate, StoreUnusable } from './migrations.ts';
import { type OwnWork, OwnWorkTables } from './own-work.ts';
import { type People, PeopleTables } from './people.ts';
import { type CardRows, CardTables } from './room-cards.ts';
import { type HandRows, HandTable } from './room-hands.ts';
import { type LookEvents, LookTable } from './room-looks.ts';
import { type PaceRows, PaceTable } from './room-pace.ts';
import { type RoomWork, RoomWorkTables } from './room-work.ts';
import { type Rooms, RoomTables } from './rooms.ts';
import { number, type Row, Sqlite } from './sqlite.ts';
import type { CommandRow, HomeRow, LabKey, LearnerRow, PoolOrderRow, ReasonRow, SandboxRow, Store } from './store.ts';

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
	readonly people: People;
	readonly ownWork: OwnWork;
	readonly certificates: Certificates;
	readonly lti: LtiRows;
	readonly erasing: ErasingRows;
	readonly rooms: Rooms;
	readonly roomWork: RoomWork;
	readonly hands: HandRows;
	readonly looks: LookEvents;
	readonly paces: PaceRows;
	readonly cards: CardRows;
	readonly #sql: Sqlite;
	/** Bytes of commands since they were last measured, by sandbox. */
	readonly #unmeasured = new Map<string, number>();

	constructor(database: DatabaseSync) {
		this.#sql = new Sqlite(database);
		this.people = new PeopleTables(this.#sql);
		this.ownWork = new OwnWorkTables(this.#sql);
		this.certificates = new CertificateTable(this.#sql);
		this.lti = new LtiTables(this.#sql);
		this.erasing = new ErasingTables(this.#sql);
		this.rooms = new RoomTables(this.#sql);
		this.roomWork = new RoomWorkTables(this.#sql);
		this.hands = new HandTable(this.#sql);
		this.looks = new LookTable(this.#sql);
		this.paces = new PaceTable(this.#sql);
		this.cards = new CardTables(this.#sql);
	}

	transaction<T>(work: () => T): T {
		return this.#sql.transaction(work);
	}

	createLearner(): LearnerRow {
		return this.people.createLearner();
	}

	learner(id: string): LearnerRow | undefined {
		return this.people.learner(id);
	}

	putSandbox(row: SandboxRow): void {
		const changed = this.#sql.run(
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
		return this.#sql.all('select * from sandbox order by created, name').map(sandboxRow);
	}

	claim({ learner, course }: LabKey, now: number): SandboxRow | undefined {
		return this.#sql.transaction(() => {
			const own = this.#sql.get("select * from sandbox where course = ? and learner = ? and state <> 'stopping'", course, learner);
			if (own) return sandboxRow(own);
			const row = this.#sql.get(
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
		this.#sql.transaction(() => {
			this.#sql.run(
				`insert into past_command (learner, course, terminal, at, command, exit, folder, ms)
				select sandbox.learner, sandbox.course, terminal, at, command, exit, folder, ms
				from command join sandbox on sandbox.name = command.sandbox
				where sandbox.name = ? and sandbox.learner is not null order by command.id`,
				name,
			);
			this.#sql.run(
				`delete from past_command where id <= (
					select past.id from past_command as past join sandbox using (learner, course)
					where sandbox.name = ?1 order by past.id desc limit 1 offset ?2)
				and (learner, course) = (select learner, course from sandbox where name = ?1)`,
				name,
				commandsKept,
			);
			this.#sql.run(
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
			this.#sql.run('delete from sandbox where name = ?', name);
		});
	}

	steps({ learner, course }: LabKey, lesson?: string): StepReport[] {
		const rows =
			lesson === undefined
				? this.#sql.all('select * from step where learner = ? and course = ?', learner, course)
				: this.#sql.all('select * from step where learner = ? and course = ? and lesson = ?', learner, course, lesson);
		return rows.map(stepReport);
	}

	putStep({ learner, course }: LabKey, report: StepReport): StepReport {
		return this.#sql.transaction(() => {
			const key = [learner, course, report.lesson, report.step] as const;
			const where = 'learner = ? and course = ? and lesson = ? and step = ?';
			if (report.state === 'todo') {
				this.#sql.run(`delete from step where ${where} and state <> 'passed'`, ...key);
			} else if (report.state !== 'checking') {
				this.#sql.run(
					`insert into step (learner, course, lesson, step, state, message, hint) values (?, ?, ?, ?, ?, ?, ?)
					on conflict do update set state = excluded.state, message = excluded.message, hint = excluded.hint where state <> 'passed'`,
					...key,
					report.state,
					report.message ?? null,
					report.hint ?? null,
				);
			}
			const row = this.#sql.get(`select * from step where ${where}`, ...key);
			const stored = row && stepReport(row);
			return stored && (report.state !== 'checking' || stored.state === 'passed') ? stored : report;
		});
	}

	putQuiz({ learner, course }: LabKey, { lesson, quiz, correct }: { lesson: string; quiz: string; correct: boolean }): void {
		this.#sql.run('insert or replace into quiz values (?, ?, ?, ?, ?)', learner, course, lesson, quiz, Number(correct));
	}

	quizzes({ learner, course }: LabKey, lesson: string): string[] {
		const sql = 'select quiz from quiz where learner = ? and course = ? and lesson = ? and correct = 1 order by quiz';
		return this.#sql.all(sql, learner, course, lesson).map((row) => String(row['quiz']));
	}

	dropStep({ learner, course }: LabKey, lesson: string, step: string): void {
		this.#sql.run('delete from step where learner = ? and course = ? and lesson = ? and step = ?', learner, course, lesson, step);
	}

	forgetSteps({ learner, course }: LabKey, lesson?: string, step?: string): void {
		this.#sql.transaction(() => {
			this.#sql.run(
				'delete from step where learner = ?1 and course = ?2 and (?3 is null or lesson = ?3) and (?4 is null or step = ?4)',
				learner,
				course,
				lesson ?? null,
				step ?? null,
			);
			if (step === undefined) {
				for (const table of ['quiz', 'work_step', 'work_time']) {
					this.#sql.run(
						`delete from ${table} where learner = ?1 and course = ?2 and (?3 is null or lesson = ?3)`,
						learner,
						course,
						lesson ?? null,
					);
				}
			}
			this.#sql.run('insert or replace into forgotten values (?, ?, ?, ?, ?)', learner, course, lesson ?? '', step ?? '', Date.now());
		});
	}

	forgottenAt({ learner, course }: LabKey, lesson: string, step: string): number {
		const sql = `select coalesce(max(at), 0) as at from forgotten
			where learner = ? and course = ? and lesson in (?, '') and step in (?, '')`;
		return Number(this.#sql.get(sql, learner, course, lesson, step)?.['at'] ?? 0);
	}

	addCommand(row: CommandRow): void {
		this.#sql.transaction(() => {
			// A command may end while its sandbox is being removed: nobody will ask for it, so it is let go.
			if (!this.#sql.get('select 1 from sandbox where name = ?', row.sandbox)) return;
			this.#sql.run(
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
				this.#sql.run(
					`update command set printed = null where sandbox = ?1 and printed is not null and id <= (
						select id from command where sandbox = ?1 order by id desc limit 1 offset ?2)`,
					row.sandbox,
					printedKept,
				);
			}
			this.#sql.run(
				`insert into terminal (sandbox, terminal, position) values (?, ?, ?)
				on conflict do update set position = excluded.position`,
				row.sandbox,
				row.terminal,
				row.offset,
			);
			this.#sql.run(
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
		this.#sql.run(
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
		return this.#sql
			.all(sql, sandbox, Math.max(0, Math.floor(limit)))
			.map(commandRow)
			.reverse();
	}

	lastOffset(sandbox: string, terminal: string): bigint {
		const sql = 'select cast(position as text) as position from terminal where sandbox = ? and terminal = ?';
		return BigInt(String(this.#sql.get(sql, sandbox, terminal)?.['position'] ?? '0'));
	}

	forgetOffset(sandbox: string, terminal: string): void {
		this.#sql.run('delete from terminal where sandbox = ? and terminal = ?', sandbox, terminal);
	}

	setupDone(sandbox: string, lesson: string): boolean {
		return this.#sql.get('select 1 from setup where sandbox = ? and lesson = ?', sandbox, lesson) !== undefined;
	}

	markSetup(sandbox: string, lesson: string, done: boolean): void {
		if (done) {
			const sql = 'insert into setup (sandbox, lesson) select name, ? from sandbox where name = ? on conflict do nothing';
			this.#sql.run(sql, lesson, sandbox);
		} else {
			this.#sql.run('delete from setup where sandbox = ? and lesson = ?', sandbox, lesson);
		}
	}

	setups(sandbox: string): string[] {
		return this.#sql.all('select lesson from setup where sandbox = ? order by lesson', sandbox).map((row) => String(row['lesson']));
	}

	putHome(row: HomeRow): void {
		this.#sql.run(
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

	home({ learner, course }: LabKey): HomeRow | undefined {
		const row = this.#sql.get('select * from home where learner = ? and course = ?', learner, course);
		return row && homeRow(row);
	}

	homes(): HomeRow[] {
		return this.#sql.all('select * from home order by saved').map(homeRow);
	}

	removeHome({ learner, course }: LabKey): void {
		this.#sql.transaction(() => {
			this.#sql.run('delete from home where learner = ? and course = ?', learner, course);
			this.#sql.run('delete from past_command where learner = ? and course = ?', learner, course);
		});
	}

	resumeHome(sandbox: string, { learner, course, saved, lessons }: HomeRow): void {
		this.#sql.transaction(() => {
			for (const lesson of lessons) this.markSetup(sandbox, lesson, true);
			this.#sql.run(
				`insert into command (sandbox, terminal, at, command, exit, folder, ms, position)
				select ?, terminal, at, command, exit, folder, ms, 0 from past_command
				where learner = ? and course = ? and at <= ? order by at, id`,
				sandbox,
				learner,
				course,
				saved,
			);
			this.#sql.run('delete from past_command where learner = ? and course = ? and at <= ?', learner, course, saved);
		});
	}

	history({ learner, course }: LabKey): Omit<CommandRow, 'offset' | 'sandbox'>[] {
		return this.#sql
			.all(
				`select terminal, at, command, exit, folder, ms from past_command where learner = ?1 and course = ?2
			union all
			select terminal, at, command, exit, folder, ms from command join sandbox on sandbox.name = command.sandbox
			where sandbox.learner = ?1 and sandbox.course = ?2 order by at`,
				learner,
				course,
			)
			.map(pastCommand);
	}

	lastCommand({ learner, course }: LabKey): string | undefined {
		const row = this.#sql.get(
			`select command, at from (
				select command, at from past_command where learner = ?1 and course = ?2
				union all
				select command, at from command join sandbox on sandbox.name = command.sandbox
				where sandbox.learner = ?1 and sandbox.course = ?2
			) order by at desc limit 1`,
			learner,
			course,
		);
		return row && String(row['command']);
	}

	putPoolOrder(course: string, order: PoolOrderRow | undefined): void {
		if (!order) this.#sql.run('delete from pool_order where course = ?', course);
		else
			this.#sql.run(
				'insert or replace into pool_order (course, ready, since, until) values (?, ?, ?, ?)',
				course,
				order.ready,
				order.from,
				order.until ?? null,
			);
	}

	poolOrders(): Map<string, PoolOrderRow> {
		return new Map(
			this.#sql
				.all('select * from pool_order')
				.map((row) => [String(row['course']), { ready: Number(row['ready']), from: Number(row['since']), until: number(row['until']) }]),
		);
	}

	putReason({ learner, course }: LabKey, reason: ReasonRow | undefined): void {
		if (!reason) this.#sql.run('delete from reason where learner = ? and course = ?', learner, course);
		else
			this.#sql.run(
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

	reason({ learner, course }: LabKey): ReasonRow | undefined {
		const row = this.#sql.get('select * from reason where learner = ? and course = ?', learner, course);
		return row && { lost: row['lost'] === 1, text: { fr: String(row['fr']), en: String(row['en']) }, at: Number(row['at']) };
	}

	forgetReasons(before: number): void {
		this.#sql.run('delete from reason where at < ?', before);
	}

	close(): void {
		this.#sql.close();
	}
}

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
