/** The page of a learner's progress: how courses, lessons and steps stand, and where to go on. */
import { progressEn } from '../i18n/progress-en.ts';
import { type ProgressStrings, progressFr } from '../i18n/progress-fr.ts';
import { durationText } from '../shared/duration.ts';
import { fill } from '../shared/fill.ts';
import { type Certificate, certificatesSchema } from '../shared/protocol/certificates.ts';
import { type CourseProgress, isBegun, isComplete, type OwnProgress, ownProgressSchema } from '../shared/protocol/progress.ts';
import { ask } from './ask.ts';
import { certificateTextsOf } from './certificate-texts.ts';
import { make } from './dom.ts';
import { EraseMe } from './erase-me.ts';
import { Newest } from './lesson/newest.ts';
import { codeWanted, findSession, isSession } from './lesson/session.ts';
import { OwnCertificate } from './own-certificate.ts';

type LessonProgress = CourseProgress['lessons'][number];
type StepProgress = LessonProgress['steps'][number];

class ProgressPage {
	readonly #page: HTMLElement;
	readonly #t: ProgressStrings;
	readonly #locale: string;
	readonly #said: HTMLElement;
	readonly #newest = new Newest();
	/** By course. */
	readonly #certificates = new Map<string, OwnCertificate>();
	readonly #erase: EraseMe | undefined;
	/** The lesson to go on with has been opened, if there is one: later it is as the learner left it. */
	#opened = false;

	constructor(page: HTMLElement) {
		const english = page.dataset['language'] === 'en';
		this.#page = page;
		this.#t = english ? progressEn : progressFr;
		this.#locale = english ? 'en-GB' : 'fr-FR';
		this.#said = page.querySelector<HTMLElement>('[data-said]') ?? page;
		this.#said.textContent = this.#t.loading;
		const erase = page.querySelector<HTMLElement>('[data-erase]');
		this.#erase = erase ? new EraseMe(erase, this.#t, english ? 'en' : 'fr') : undefined;
		void this.#load();
		// Whoever comes back from a lesson sees what they did there.
		document.addEventListener('visibilitychange', () => {
			if (document.visibilityState === 'visible') void this.#load();
		});
	}

	async #load(): Promise<void> {
		const isNewest = this.#newest.asked();
		const say = (text: string) => {
			if (isNewest('progress')) this.#say(text);
		};
		try {
			const session = await findSession();
			if (!session) say(this.#t.away);
			else if (session === codeWanted) say(this.#t.codeWanted);
			else if (!isSession(session)) say(session.refused);
			else await this.#ask(isNewest);
		} catch (error) {
			say(error instanceof Error && 'status' in error ? error.message : this.#t.failed);
		}
	}

	async #ask(isNewest: (thing: string) => boolean): Promise<void> {
		const { failed } = this.#t;
		const progress = await ask('/api/progress', { schema: ownProgressSchema, failed });
		if (!isNewest('progress')) return;
		this.#show(progress);
		this.#erase?.show();
		// Without an answer the page is one of progress still: it does not offer what it does not know to be there.
		const known = await ask('/api/certificates', { schema: certificatesSchema, failed }).catch(() => undefined);
		if (known && isNewest('certificates')) this.#certify(progress, known);
	}

	/** Who has finished a course may have a certificate; who has one keeps it, whatever happens to the course and its steps. */
	#certify({ courses }: OwnProgress, { certificates, name }: { certificates: Certificate[]; name?: string | undefined }): void {
		const texts = certificateTextsOf(this.#page);
		const changed = () => this.#newest.told('certificates');
		const all = new Set([...[...courses, ...certificates].map(({ course }) => course), ...this.#certificates.keys()]);
		for (const course of all) {
			const held = certificates.find((one) => one.course === course);
			const done = courses.some((one) => one.course === course && isComplete(one));
			const part = this.#certificates.get(course);
			if (part) part.take({ held, done });
			else if (held || (done && this.#find(this.#page, 'course', course))) {
				const made = new OwnCertificate(texts, { course, held, done, changed, name });
				this.#certificates.set(course, made);
				this.#place(made.element, course, held?.title[texts.language]);
			}
		}
	}

	/** In its course's section. @param title for the section of a course that this page has not, or has no more */
	#place(certificate: HTMLElement, course: string, title = course): void {
		const facts = this.#find(this.#page, 'course', course)?.querySelector('.progress-facts');
		if (facts) return facts.after(certificate);
		const heading = make('h2', { id: `course-${course}` }, title);
		const section = make('section', { class: 'progress-course', 'aria-labelledby': heading.id }, heading, certificate);
		this.#page.querySelector('.progress-how')?.before(section);
	}

	#say(text: string): void {
		this.#said.textContent = text;
	}

	#show({ courses, next }: OwnProgress): void {
		for (const course of courses) {
			const section = this.#find(this.#page, 'course', course.course);
			if (section) this.#showCourse(section, course);
		}
		this.#goOn(next, courses.some(isBegun));
	}

	/** What the server has and this page has not (the courses have changed since it was built) is left out. */
	#find(within: ParentNode, kind: 'course' | 'lesson' | 'step', name: string): HTMLElement | null {
		return within.querySelector<HTMLElement>(`[data-${kind}="${CSS.escape(name)}"]`);
	}

	/** @param begun something was done, in whatever course */
	#goOn(next: OwnProgress['next'], begun: boolean): void {
		const t = this.#t;
		const course = next && this.#find(this.#page, 'course', next.course);
		const lesson = next && course && this.#find(course, 'lesson', next.lesson);
		const step = next && lesson && this.#find(lesson, 'step', next.step);
		const place = this.#page.querySelector<HTMLElement>('[data-go-on]');
		const where = this.#page.querySelector<HTMLElement>('[data-go-on-at]');
		const link = place?.querySelector('a');
		if (!place || !where || !link) return;
		place.hidden = where.hidden = !step;
		this.#say(next ? (begun ? t.updated : t.nothing) : t.allDone);
		if (!next || !step || !lesson || !course) return;
		link.textContent = fill(next.begun ? t.resume : t.begin, { lesson: lesson.dataset['title'] ?? '' });
		link.href = step.querySelector('a')?.href ?? link.href;
		where.textContent = fill(t.resumeAt, { course: course.dataset['title'] ?? '', step: step.dataset['title'] ?? '' });
		const details = lesson.querySelector('details');
		if (!this.#opened && next.begun && details) details.open = true;
		this.#opened = true;
	}

	#showCourse(section: HTMLElement, { ms, last, lessons }: CourseProgress): void {
		const t = this.#t;
		const steps = lessons.flatMap((lesson) => lesson.steps);
		const n = steps.filter(({ state }) => state === 'passed').length;
		const tries = steps.reduce((sum, step) => sum + step.tries, 0);
		const done = n === steps.length;
		const facts = [
			done ? fill(t.courseDone, { count: n }) : fill(t.stepsOf, { n, count: steps.length }),
			...(ms > 0 ? [fill(t.spent, { time: durationText(ms) })] : []),
			...(tries > 0 ? [fill(t.notYet, { n: tries })] : []),
			...(last === undefined ? [] : [fill(t.last, { when: this.#day(last) })]),
		];
		section.toggleAttribute('data-done', done);
		section.querySelector('.progress-facts')?.replaceChildren(...facts.map((fact) => make('li', {}, fact)));
		const meter = section.querySelector('progress');
		if (meter) {
			meter.max = steps.length;
			meter.value = n;
			meter.hidden = false;
		}
		for (const lesson of lessons) {
			const item = this.#find(section, 'lesson', lesson.lesson);
			if (item) this.#showLesson(item, lesson);
		}
	}

	#showLesson(item: HTMLElement, { ms, steps }: LessonProgress): void {
		const t = this.#t;
		const n = steps.filter(({ state }) => state === 'passed').length;
		const done = n === steps.length;
		const values = { n, count: steps.length };
		item.toggleAttribute('data-done', done);
		const count = done
			? [t.lessonDone]
			: [
					make('span', { 'aria-hidden': 'true' }, fill(t.lessonSteps, values)),
					make('span', { class: 'sr-only' }, fill(t.lessonStepsSpoken, values)),
				];
		item.querySelector('summary .progress-side')?.replaceChildren(...count, ...(ms > 0 ? [` · ${durationText(ms)}`] : []));
		for (const step of steps) {
			const line = this.#find(item, 'step', step.step);
			if (line) this.#showStep(line, step);
		}
	}

	#showStep(line: HTMLElement, { state, tries, passed }: StepProgress): void {
		const t = this.#t;
		line.dataset['state'] = state;
		const icon = line.querySelector<HTMLElement>('.state-icon');
		if (icon) icon.hidden = false;
		const word = state === 'passed' && passed !== undefined ? fill(t.passedOn, { when: this.#day(passed) }) : t[state];
		const side = line.querySelector('.progress-side');
		if (side) side.textContent = [word, ...(tries > 0 ? [fill(t.notYet, { n: tries })] : [])].join(' · ');
	}

	/**
	 * The day where the learner is: they know it as that one. A certificate, which others read elsewhere, has that of UTC (src/shared/day.ts).
	 * @param ms since 1970
	 */
	#day(ms: number): string {
		return new Date(ms).toLocaleDateString(this.#locale, { dateStyle: 'long' });
	}
}

const page = document.getElementById('progress-page');
if (page) new ProgressPage(page);
