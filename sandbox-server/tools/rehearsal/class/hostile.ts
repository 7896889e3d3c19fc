/**
 * One hostile learner of a rehearsed class: does, until told that it is over, the worst that a learner can do with a shell and a page and
 * that is harmless to the machine. All of it stays within the limits of their own sandbox, and ends with it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Course } from '../../../../src/shared/course/course.ts';
import type { SandboxReport } from '../../../../src/shared/protocol/api.ts';
import type { ClientTerminal } from '../client-terminal.ts';
import { LearnerClient } from '../learner-client.ts';

export const mischiefs = ['floods', 'stops programs', 'hoards', 'fills', 'resets'] as const;
export type Mischief = (typeof mischiefs)[number];

/** What became of one of them. */
export interface Hostile {
	number: number;
	mischief: Mischief;
	/** Commands typed, and requests made. */
	deeds: number;
	/** Of these, requests that the server refused. */
	refused: number;
	/** Bytes of terminals that came to their pages. */
	bytes: number;
	/** In the end their sandbox was gone; otherwise, what the server said of it. */
	gone: boolean;
	said: string;
}

export interface HostilePart {
	address: string;
	cookie?: string | undefined;
	course: Course;
	number: number;
	/** Aborts when it is over. */
	over: AbortSignal;
}

/** Pages that each of them leaves open, unread. */
const pagesLeft = 8;
/** Between two rounds of requests, ms. */
const pauseMs = 1000;
/** For a sandbox, and for its end, ms. */
const patience = 180_000;
const lookMs = 500;

/** Typed into terminals 1, 2, …; lines that never end but by the sandbox's end, or by a limit of its own. */
const typed: Record<Mischief, readonly string[]> = {
	// Text, an escape sequence without end, noise, and forged marks of the shell.
	floods: [
		'yes flooding the terminal',
		"printf '\\e]0;'; tr '\\0' a < /dev/zero",
		'cat /dev/urandom',
		"while :; do printf '\\e]133;D;0\\a\\e]133;B\\a\\e]133;C\\a'; done",
	],
	// Whatever starts in the sandbox is stopped: what keeps the home, and checks, too.
	'stops programs': ['exec {idle}<> <(:); while :; do kill -STOP -1; read -t 0.1 -u $idle; done'],
	// Open files, user namespaces, watches on files.
	hoards: [
		"for i in {1..20}; do bash -c 'ulimit -n $(ulimit -Hn); for ((j = 0; j < 3900; j++)); do exec {fd}< /dev/null; done; exec sleep infinity' & done 2> /dev/null; wait",
		'for i in {1..20}; do unshare --user sleep infinity & tail -f /etc/passwd & done &> /dev/null; wait',
	],
	fills: [
		'head -c 1G /dev/urandom > ~/full; n=0; while : > ~/small-$((n++)); do :; done; cat /dev/zero > /tmp/full; cat /dev/zero > /dev/shm/full',
	],
	resets: [],
};

/** Never throws. */
export async function harass(part: HostilePart): Promise<Hostile> {
	const visit = new HostileVisit(part);
	while (!part.over.aborted) {
		await visit.round();
		await sleep(pauseMs, undefined, { signal: part.over }).catch(() => undefined); // It is over.
	}
	return await visit.end();
}

class HostileVisit {
	readonly #part: HostilePart;
	readonly #mischief: Mischief;
	#page: LearnerClient | undefined;
	#cookie: string;
	readonly #left: LearnerClient[] = [];
	#deeds = 0;
	#refused = 0;
	readonly #terminals: ClientTerminal[] = [];

	constructor(part: HostilePart) {
		this.#part = part;
		this.#cookie = part.cookie ?? '';
		this.#mischief = mischiefs[part.number % mischiefs.length] as Mischief;
	}

	get #sandbox(): string {
		return `/api/sandboxes/${this.#part.course.slug}`;
	}

	/** What is asked of the server once; before it, what is to be typed, whenever the sandbox is another one. */
	async round(): Promise<void> {
		try {
			if (this.#page?.sandbox.state !== 'ready' || this.#page.closed) await this.#begin();
			if (this.#mischief === 'stops programs') {
				const [lesson] = this.#part.course.lessons;
				for (const step of lesson?.steps ?? [])
					void this.#ask('POST', `/api/lessons/${this.#part.course.slug}/${lesson?.slug}/steps/${step.id}/check`);
				await this.#ask('GET', `${this.#sandbox}/archive`);
			} else if (this.#mischief === 'fills') {
				await this.#ask('GET', `${this.#sandbox}/archive`);
				await this.#ask('DELETE', this.#sandbox);
			} else if (this.#mischief === 'resets') {
				await Promise.all([1, 2, 3].map(() => this.#ask('POST', `${this.#sandbox}/reset`, {})));
			}
		} catch {
			// No sandbox was to be had, or it went meanwhile: the next round tries again.
			this.#refused++;
		}
	}

	async #open(acknowledges: boolean): Promise<LearnerClient> {
		const { address, course } = this.#part;
		const lesson = course.lessons[0]?.slug ?? '';
		const page = new LearnerClient({ address, course: course.slug, lesson, language: 'en', cookie: this.#cookie });
		page.acknowledges = acknowledges;
		await page.connect();
		this.#cookie = page.cookie;
		return page;
	}

	async #begin(): Promise<void> {
		await this.#page?.disconnect();
		const page = await this.#open(true);
		this.#page = page;
		await page.start(patience);
		for (const [index, line] of typed[this.#mischief].entries()) {
			const terminal = await page.terminal(`${index + 1}`);
			await terminal.start(line);
			this.#terminals.push(terminal);
			this.#deeds++;
		}
		// What they do must cost the server, not the machine that plays them.
		page.reads = false;
		while (this.#left.length < pagesLeft) {
			const left = await this.#open(false);
			left.reads = false;
			this.#left.push(left);
			// What it shows is never acknowledged: it does not come to be live.
			left.send({ type: 'open', channel: 1, terminal: '1', cols: 80, rows: 24 });
		}
	}

	/** Whatever the answer. What comes is read to its end, and thrown away. */
	async #ask(method: string, path: string, body?: object): Promise<void> {
		this.#deeds++;
		const { address } = this.#part;
		const response = await fetch(new URL(path, address), {
			method,
			headers: { cookie: this.#cookie, origin: address, ...(body && { 'content-type': 'application/json' }) },
			...(body && { body: JSON.stringify(body) }),
			signal: AbortSignal.any([this.#part.over, AbortSignal.timeout(patience)]),
		}).catch(() => undefined); // It is over, or took too long.
		await response?.arrayBuffer().catch(() => undefined); // Cut off: the same.
		if (!response?.ok) this.#refused++;
	}

	/** Leaves, and sees the sandbox gone. */
	async end(): Promise<Hostile> {
		const { number } = this.#part;
		await Promise.allSettled([this.#page, ...this.#left].map((page) => page?.disconnect()));
		const { gone, said } = await this.#putAway().then(
			({ state, reason }) => ({ gone: state === 'none', said: reason ?? state }),
			(error: unknown) => ({ gone: false, said: error instanceof Error ? error.message : String(error) }),
		);
		const bytes = this.#terminals.reduce((sum, terminal) => sum + terminal.bytes, 0);
		return { number, mischief: this.#mischief, deeds: this.#deeds, refused: this.#refused, bytes, gone, said };
	}

	async #putAway(): Promise<SandboxReport> {
		const { address, course } = this.#part;
		const door = new LearnerClient({ address, course: course.slug, lesson: '', language: 'en', cookie: this.#cookie });
		const until = performance.now() + patience;
		let report: SandboxReport;
		do {
			// Refused while another of their requests is under way: asked again.
			await door.request('DELETE', this.#sandbox).catch(() => undefined);
			report = (await door.get(this.#sandbox)) as SandboxReport;
			if (report.state === 'none') break;
			await sleep(lookMs);
		} while (performance.now() < until);
		return report;
	}
}
