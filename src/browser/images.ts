/** The page of container images: each with what it is, and how it is run. */
import { imagesEn } from '../i18n/images-en.ts';
import { type ImagesStrings, imagesFr } from '../i18n/images-fr.ts';
import { fill } from '../shared/fill.ts';
import { type CourseImage, courseImagesSchema } from '../shared/protocol/images.ts';
import { ask } from './ask.ts';
import { announce, button, downloadLink, make } from './dom.ts';
import { runsOf } from './image-runs.ts';
import { codeWanted, findSession, isSession } from './lesson/session.ts';
import { copyText } from './terminal/copy-text.ts';

/** So long a button says that it has copied, ms. */
const copiedMs = 3000;

class ImagesPage {
	readonly #page: HTMLElement;
	readonly #t: ImagesStrings;
	readonly #locale: string;
	readonly #said: HTMLElement;

	constructor(page: HTMLElement) {
		const english = page.dataset['language'] === 'en';
		this.#page = page;
		this.#t = english ? imagesEn : imagesFr;
		this.#locale = english ? 'en-GB' : 'fr-FR';
		this.#said = page.querySelector<HTMLElement>('[data-said]') ?? page;
		this.#said.textContent = this.#t.loading;
		void this.#load();
	}

	async #load(): Promise<void> {
		try {
			const session = await findSession();
			if (!session) this.#said.textContent = this.#t.away;
			else if (session === codeWanted) this.#said.textContent = this.#t.codeWanted;
			else if (!isSession(session)) this.#said.textContent = session.refused;
			else this.#show(await ask('/api/images', { schema: courseImagesSchema, failed: this.#t.failed }));
		} catch (error) {
			this.#said.textContent = error instanceof Error && 'status' in error ? error.message : this.#t.failed;
		}
	}

	#show({ courses }: { courses: { course: string; images: CourseImage[] }[] }): void {
		const count = courses.reduce((sum, { images }) => sum + images.length, 0);
		this.#said.textContent = count === 0 ? this.#t.none : fill(this.#t.read, { n: count });
		const titles = JSON.parse(this.#page.dataset['titles'] ?? '{}') as Record<string, string>;
		const sections = courses.map(({ course, images }) =>
			make('section', {}, make('h2', {}, titles[course] ?? course), ...images.map((image) => this.#card(course, image))),
		);
		this.#page.querySelector('[data-courses]')?.replaceChildren(...sections);
	}

	#card(course: string, image: CourseImage): HTMLElement {
		const t = this.#t;
		const size = this.#size(image.bytes);
		const address = `/api/images/${course}/${encodeURIComponent(image.name)}`;
		const runs = runsOf(image).map(({ where, lines }) => [make('h4', {}, t[where]), this.#code(lines)]);
		return make(
			'article',
			{ class: 'image-card', 'data-image': image.name },
			make('h3', {}, make('code', {}, image.name)),
			image.description === undefined ? '' : make('p', {}, make('bdi', {}, image.description)),
			this.#facts(image, size),
			this.#packages(image),
			...(runs[0] ?? []),
			make('p', {}, downloadLink(address, '', { class: 'button' }, fill(t.file, { size }))),
			...runs.slice(1).flat(),
		);
	}

	#facts(image: CourseImage, size: string): HTMLElement {
		const t = this.#t;
		const created = image.created === undefined ? undefined : new Intl.DateTimeFormat(this.#locale, { dateStyle: 'long', timeZone: 'UTC' });
		const facts: [string, string | undefined, 'code'?][] = [
			[t.size, size],
			[t.layers, String(image.layers)],
			[t.platform, image.platform],
			[t.created, created?.format(image.created)],
			[t.version, image.version],
			[t.licenses, image.licenses ?? t.noLicense],
			[t.source, image.source],
			[t.signature, image.signed ? t.signed : t.unsigned],
			[t.command, image.command.join(' ') || t.noCommand, image.command.length > 0 ? 'code' : undefined],
			[t.user, image.user && fill(t.userNote, { user: image.user })],
			[t.folder, image.folder && fill(t.folderNote, { folder: image.folder })],
			[t.ports, image.ports.join(', ') || undefined],
			[t.volumes, image.volumes.join(', ') || undefined],
			[t.digest, image.digest, 'code'],
		];
		const known = facts.filter((fact): fact is [string, string, 'code'?] => fact[1] !== undefined && fact[1] !== '');
		return make(
			'dl',
			{},
			...known.map(([name, value, tag]) => make('div', {}, make('dt', {}, name), make('dd', {}, make(tag ?? 'bdi', {}, value)))),
		);
	}

	#packages({ packages }: CourseImage): HTMLElement {
		if (!packages) return make('p', {}, this.#t.noPackages);
		const items = packages.map(({ name, version }) => make('li', {}, make('bdi', {}, `${name} ${version}`)));
		return make('details', {}, make('summary', {}, fill(this.#t.packages, { n: packages.length })), make('ul', {}, ...items));
	}

	#code(lines: string[]): HTMLElement {
		const text = lines.join('\n');
		const copy = button(this.#t.copy, () => {
			void copyText(text).then((done) => done && this.#sayCopied(copy));
		});
		return make('div', { class: 'image-code' }, make('pre', { tabindex: '0' }, make('code', {}, text)), copy);
	}

	#sayCopied(copy: HTMLElement): void {
		announce(this.#t.copied);
		copy.textContent = this.#t.copied;
		setTimeout(() => (copy.textContent = this.#t.copy), copiedMs);
	}

	#size(bytes: number): string {
		const t = this.#t;
		const [pattern, unit]: [string, number] = bytes < 1000 ? [t.bytes, 1] : bytes < 1e6 ? [t.kilobytes, 1e3] : [t.megabytes, 1e6];
		return fill(pattern, { n: (bytes / unit).toLocaleString(this.#locale, { maximumSignificantDigits: 2 }) });
	}
}

const page = document.getElementById('images-page');
if (page) new ImagesPage(page);
