/** Certificates of finished courses: what each says, as it was when it was issued. One of a learner and course; it goes with the learner. */
import type { Text } from '../../src/shared/language.ts';
import type { Row, Sqlite } from './sqlite.ts';

export interface CertificateRow {
	/** By which everybody finds it; without separators. */
	code: string;
	learner: string;
	/** Slug. */
	course: string;
	/** Of the course. */
	title: Text;
	/** As the learner wrote it. */
	name: string;
	lessons: number;
	steps: number;
	/** Time worked on the course, ms. */
	ms: number;
	/** ms since 1970 */
	issued: number;
}

export interface Certificates {
	/** In place of the one before, whose code is void from then on. */
	put(row: CertificateRow): void;
	/** Nothing happens when there is none. */
	remove(learner: string, course: string): void;
	of(learner: string): CertificateRow[];
	byCode(code: string): CertificateRow | undefined;
}

/** The table `certificate`. */
export class CertificateTable implements Certificates {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	put({ code, learner, course, title, name, lessons, steps, ms, issued }: CertificateRow): void {
		this.#sql.run(
			`insert into certificate (code, learner, course, title_fr, title_en, name, lessons, steps, ms, issued) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			on conflict (learner, course) do update set code = excluded.code, title_fr = excluded.title_fr, title_en = excluded.title_en,
				name = excluded.name, lessons = excluded.lessons, steps = excluded.steps, ms = excluded.ms, issued = excluded.issued`,
			...[code, learner, course, title.fr, title.en, name, lessons, steps, ms, issued],
		);
	}

	remove(learner: string, course: string): void {
		this.#sql.run('delete from certificate where learner = ? and course = ?', learner, course);
	}

	of(learner: string): CertificateRow[] {
		return this.#sql.all('select * from certificate where learner = ? order by issued', learner).map(certificateRow);
	}

	byCode(code: string): CertificateRow | undefined {
		const row = this.#sql.get('select * from certificate where code = ?', code);
		return row && certificateRow(row);
	}
}

function certificateRow(row: Row): CertificateRow {
	return {
		code: String(row['code']),
		learner: String(row['learner']),
		course: String(row['course']),
		title: { fr: String(row['title_fr']), en: String(row['title_en']) },
		name: String(row['name']),
		lessons: Number(row['lessons']),
		steps: Number(row['steps']),
		ms: Number(row['ms']),
		issued: Number(row['issued']),
	};
}
