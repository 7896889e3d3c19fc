/** Issues certificates of finished courses, and says what a code stands for. */
import type { Course } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import type { Certificate } from '../../src/shared/protocol/certificates.ts';
import { isComplete } from '../../src/shared/protocol/progress.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { typographic } from '../../src/shared/typography.ts';
import { randomCode, readCodeOf } from '../platform/codes.ts';
import { fits, readName } from '../platform/names.ts';
import type { CertificateRow, Certificates as Rows } from '../store/certificates.ts';
import type { OwnWork } from '../store/own-work.ts';
import { signedBadge } from './badge.ts';
import type { BadgeKey } from './badge-key.ts';
import type { Customer, Drawer } from './draw.ts';
import { ownProgress } from './own-progress.ts';

/** 86 bits: nobody finds one by trying. */
const codeLength = 20;

interface CertificateDeps {
	store: { certificates: Rows; ownWork: OwnWork };
	/** Signs badges. */
	badgeKey: () => Promise<BadgeKey>;
	drawer: Drawer;
	/** ms since 1970 */
	now: () => number;
}

const grouped = (code: string): string => code.replace(/.{4}(?=.)/g, '$&-');

function shown({ code, course, title, name, lessons, steps, ms, issued }: CertificateRow): Certificate {
	return { code: grouped(code), course, title, name, lessons, steps, ms, issued };
}

export class Certificates {
	readonly #deps: CertificateDeps;

	constructor(deps: CertificateDeps) {
		this.#deps = deps;
	}

	/**
	 * A certificate of the course, in place of the one before.
	 * @param text the name as it was typed
	 * @throws Refusal course-not-done, bad-name, name-too-long, name-unprintable, too-many, not-drawn
	 */
	async issue(customer: Customer, course: Course, text: string): Promise<Certificate> {
		const { store, drawer, now } = this.#deps;
		const { learner } = customer;
		const name = readName(text);
		if (name === undefined) throw new Refusal('bad-name');
		if (!fits(text)) throw new Refusal('name-too-long');
		const [done] = ownProgress([course], learner, store).courses;
		if (!done || !isComplete(done)) throw new Refusal('course-not-done', course.slug);
		const letters = await drawer.unprintableLetters(name, customer);
		if (letters !== '') throw new Refusal('name-unprintable', '', { values: { letters } });
		const { title } = course.settings;
		const row: CertificateRow = {
			code: randomCode(codeLength),
			learner,
			course: course.slug,
			title: { fr: typographic(title.fr, 'fr'), en: typographic(title.en, 'en') },
			name,
			lessons: done.lessons.length,
			steps: done.lessons.reduce((sum, { steps }) => sum + steps.length, 0),
			ms: done.ms,
			issued: now(),
		};
		store.certificates.put(row);
		return shown(row);
	}

	/** The learner's own, also of courses that the server no longer has. */
	of(learner: string): Certificate[] {
		return this.#deps.store.certificates.of(learner).map(shown);
	}

	/** @throws Refusal not-found */
	own(learner: string, course: string): Certificate {
		const found = this.of(learner).find((one) => one.course === course);
		if (!found) throw new Refusal('not-found', `no certificate of ${course}`);
		return found;
	}

	/** The certificate as a file. @throws Refusal not-found, too-many, not-drawn */
	async pdf(customer: Customer, course: string, request: { language: Language; address: string }): Promise<Buffer> {
		return await this.#deps.drawer.certificate(this.own(customer.learner, course), request, customer);
	}

	/** The certificate as an Open Badge, a JWT. @throws Refusal not-found; Error when there is no key */
	async badge(learner: string, course: string, request: { language: Language; origin: string }): Promise<string> {
		const certificate = this.own(learner, course);
		return await signedBadge(certificate, { key: await this.#deps.badgeKey(), ...request });
	}

	/** Its code is void from then on. */
	withdraw(learner: string, course: string): void {
		this.#deps.store.certificates.remove(learner, course);
	}

	/** What a code stands for. @throws Refusal wrong-certificate: never issued, withdrawn, or erased */
	verify(text: string): Certificate {
		const code = readCodeOf(codeLength, text);
		const row = code && this.#deps.store.certificates.byCode(code);
		if (!row) throw new Refusal('wrong-certificate');
		return shown(row);
	}
}
