/** Learning platforms whose courses lead here (LTI 1.3), and to which of their grade books lessons' scores go. */
import { number, type Row, type Sqlite } from './sqlite.ts';

export interface PlatformRow {
	/** What the operator calls it. */
	name: string;
	/** As it calls itself, to the letter. */
	issuer: string;
	/** What it calls us. */
	client: string;
	/** Addresses: where people are sent to, where tokens are had, where its keys are. */
	authorization: string;
	token: string;
	keys: string;
	/** Its courses, or all of it: by the ids that it has given. */
	deployments: string[];
}

/** One learner's line in a grade book. */
export interface GradeRow {
	learner: string;
	course: string;
	lesson: string;
	/** Name of the platform. */
	platform: string;
	/** Address of the column. */
	column: string;
	/** The platform's name for the learner. */
	subject: string;
	/** Steps that the platform has been told are passed; undefined: it has been told nothing. */
	told: number | undefined;
	/** Since when its column has not been found there, ms since 1970. */
	gone: number | undefined;
}

/** A line, without what is known of how it went. */
export type Grade = Omit<GradeRow, 'told' | 'gone'>;

/** A course of a platform from which lessons of a course of ours were opened. */
export interface PlatformCourse {
	/** Name of the platform. */
	platform: string;
	/** The course's id there. */
	context: string;
	/** Ours. */
	course: string;
	/** What it is called there. */
	title: string;
	/** Where the list of its people is had. */
	members: string;
}

/** By which a platform registers itself, once. */
export interface Invitation {
	/** Of what stands in the link. */
	digest: string;
	/** What the platform will be called here. */
	name: string;
	expires: number;
}

export interface LtiRows {
	platforms(): PlatformRow[];
	/** In place of the one of that name. Lines of its grade books go, if it was another platform, or called us otherwise. */
	putPlatform(platform: PlatformRow): void;
	/** With the lines of its grade books. @returns whether there was one */
	removePlatform(name: string): boolean;
	/** That line is wanted from now on; what has been told stays told. */
	putGrade(grade: Grade): void;
	/** It has been told: its column is there. */
	tell(grade: Grade, told: number): void;
	/** Its column has not been found since then; undefined: it has. */
	markGone(grade: Grade, gone: number | undefined): void;
	removeGrade(grade: Grade): void;
	/** Of one learner's lesson, or all. */
	grades(of?: { learner: string; course: string; lesson: string }): GradeRow[];
	/** Where more steps are passed than was told: those, and perhaps some of which a course has no longer all the steps. */
	unsettled(): GradeRow[];

	/** As the newest launch says it. */
	putCourse(course: PlatformCourse): void;
	/** By platform and title; of one course of ours, or all. */
	courses(course?: string): PlatformCourse[];

	putInvitation(invitation: Invitation): void;
	/** Uses it up; undefined when it is unknown, used or over. */
	takeInvitation(digest: string, now: number): Invitation | undefined;
	/** Forgets those that were over before that time. */
	forgetInvitations(before: number): void;
}

/** The tables `lti_platform`, `lti_grade`, `lti_course` and `lti_invitation`. */
export class LtiTables implements LtiRows {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	platforms(): PlatformRow[] {
		return this.#sql.all('select * from lti_platform order by name').map((row) => ({
			name: String(row['name']),
			issuer: String(row['issuer']),
			client: String(row['client']),
			authorization: String(row['authorization']),
			token: String(row['token']),
			keys: String(row['keys']),
			deployments: JSON.parse(String(row['deployments'])) as string[],
		}));
	}

	putPlatform({ name, issuer, client, authorization, token, keys, deployments }: PlatformRow): void {
		this.#sql.run('delete from lti_platform where name = ? and (issuer <> ? or client <> ?)', name, issuer, client);
		this.#sql.run(
			`insert into lti_platform (name, issuer, client, authorization, token, keys, deployments) values (?, ?, ?, ?, ?, ?, ?)
			on conflict (name) do update set issuer = excluded.issuer, client = excluded.client, authorization = excluded.authorization,
				token = excluded.token, keys = excluded.keys, deployments = excluded.deployments`,
			...[name, issuer, client, authorization, token, keys, JSON.stringify(deployments)],
		);
	}

	removePlatform(name: string): boolean {
		return this.#sql.run('delete from lti_platform where name = ?', name) > 0;
	}

	putGrade({ learner, course, lesson, platform, column, subject }: Grade): void {
		const sql = 'insert or ignore into lti_grade (learner, course, lesson, platform, line, subject) values (?, ?, ?, ?, ?, ?)';
		this.#sql.run(sql, learner, course, lesson, platform, column, subject);
	}

	tell({ learner, course, lesson, column }: Grade, told: number): void {
		const sql = 'update lti_grade set told = ?, gone = null where learner = ? and course = ? and lesson = ? and line = ?';
		this.#sql.run(sql, told, learner, course, lesson, column);
	}

	markGone({ learner, course, lesson, column }: Grade, gone: number | undefined): void {
		const sql = 'update lti_grade set gone = ? where learner = ? and course = ? and lesson = ? and line = ?';
		this.#sql.run(sql, gone ?? null, learner, course, lesson, column);
	}

	removeGrade({ learner, course, lesson, column }: Grade): void {
		this.#sql.run('delete from lti_grade where learner = ? and course = ? and lesson = ? and line = ?', learner, course, lesson, column);
	}

	grades(of?: { learner: string; course: string; lesson: string }): GradeRow[] {
		if (!of) return this.#sql.all('select * from lti_grade').map(gradeRow);
		const sql = 'select * from lti_grade where learner = ? and course = ? and lesson = ?';
		return this.#sql.all(sql, of.learner, of.course, of.lesson).map(gradeRow);
	}

	unsettled(): GradeRow[] {
		return this.#sql
			.all(
				`select * from lti_grade where coalesce(told, 0) < (
					select count(*) from step
					where step.learner = lti_grade.learner and step.course = lti_grade.course and step.lesson = lti_grade.lesson and state = 'passed')`,
			)
			.map(gradeRow);
	}

	putCourse({ platform, context, course, title, members }: PlatformCourse): void {
		this.#sql.run(
			`insert into lti_course (platform, context, course, title, members) values (?, ?, ?, ?, ?)
			on conflict (platform, context, course) do update set title = excluded.title, members = excluded.members`,
			...[platform, context, course, title, members],
		);
	}

	courses(course?: string): PlatformCourse[] {
		return this.#sql
			.all('select * from lti_course where ?1 is null or course = ?1 order by platform, title, context, course', course ?? null)
			.map((row) => ({
				platform: String(row['platform']),
				context: String(row['context']),
				course: String(row['course']),
				title: String(row['title']),
				members: String(row['members']),
			}));
	}

	putInvitation({ digest, name, expires }: Invitation): void {
		this.#sql.run('insert into lti_invitation (digest, name, expires) values (?, ?, ?)', digest, name, expires);
	}

	takeInvitation(digest: string, now: number): Invitation | undefined {
		const row = this.#sql.get('delete from lti_invitation where digest = ? and expires > ? returning *', digest, now);
		return row && { digest, name: String(row['name']), expires: Number(row['expires']) };
	}

	forgetInvitations(before: number): void {
		this.#sql.run('delete from lti_invitation where expires <= ?', before);
	}
}

function gradeRow(row: Row): GradeRow {
	return {
		learner: String(row['learner']),
		course: String(row['course']),
		lesson: String(row['lesson']),
		platform: String(row['platform']),
		column: String(row['line']),
		subject: String(row['subject']),
		told: number(row['told']),
		gone: number(row['gone']),
	};
}
