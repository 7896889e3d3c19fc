/** What runs in a lesson's page while somebody types in its editor: it is sent there as text, so it may use nothing but its parameters and what every page has. */

/** What the terminal does meanwhile: nothing; it floods in its own tab, behind the editor; it floods in sight, beside it. */
export type Beside = 'quiet' | 'behind' | 'in sight';

export interface Frames {
	/** ms from each frame to the next. */
	intervals: number[];
	/** ms from each key to the end of the frame in which its letter was painted. */
	keys: number[];
	/** Bytes a second that the terminal printed meanwhile. */
	flood: number;
}

/** The parts of a lesson's terminal that are used. */
interface LabTerminal extends HTMLElement {
	readonly idle: boolean;
	typeCommand(command: string): void;
	interrupt(): void;
	refit(): void;
	lines(): string[];
}

/** The keyboard is in the file that is open, at its beginning, and the terminal does what it is to do. */
export async function prepareTyping(beside: Beside): Promise<void> {
	const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
	const terminal = document.querySelector('lab-terminal') as LabTerminal;
	const until = async (what: string, look: () => boolean) => {
		for (let tries = 0; !look(); tries++) {
			if (tries > 1200) throw new Error(`the page is not so far: ${what}`);
			await pause(50);
		}
	};
	document.querySelector<HTMLElement>('#tab-files')?.click();
	const text = document.querySelector<HTMLElement>('.cm-content');
	await until('the editor is in sight', () => (text?.offsetHeight ?? 0) > 0);
	if (!terminal.idle) terminal.interrupt();
	await until('the terminal is at its prompt', () => terminal.idle);
	if (beside === 'in sight') {
		// The page itself shows one of them at a time.
		terminal.hidden = false;
		terminal.refit();
		await until('the terminal is in sight', () => terminal.offsetHeight > 100 && (text?.offsetHeight ?? 0) > 100);
	}
	if (beside !== 'quiet') {
		// Each flood has numbers of its own: what an earlier one left is none of it.
		const from = Number(document.body.dataset.flood ?? 0) + 1e12;
		document.body.dataset.flood = String(from);
		terminal.typeCommand(`seq -f %030.0f ${from} 999999999999999`);
		await until('the terminal floods', () => terminal.lines().some((line) => /^\d{30}$/.test(line) && Number(line) > from + 1000));
	}
	text?.focus();
	await pause(500);
}

/**
 * Looks at the frames of the page for `ms`, and until there is one, and a painted letter where somebody types: a busy machine draws none for long.
 * What is typed comes from outside, as from a keyboard.
 */
export async function watchFrames({ ms, types }: { ms: number; types: boolean }): Promise<Frames> {
	const terminal = document.querySelector('lab-terminal') as LabTerminal;
	const lineBytes = 32;
	const line = () => Number(terminal.lines().findLast((shown) => /^\d{30}$/.test(shown)) ?? 0);
	const result: Frames = { intervals: [], keys: [], flood: 0 };
	const key = ({ timeStamp }: Event) =>
		// The next task comes after the frame with the letter has been painted.
		requestAnimationFrame(() => setTimeout(() => result.keys.push(performance.now() - timeStamp)));
	const from = line();
	document.addEventListener('keydown', key, { capture: true });
	const begun = performance.now();
	await new Promise<void>((resolve) => {
		let last: number | undefined;
		const frame = (at: number) => {
			if (last !== undefined) result.intervals.push(at - last);
			last = at;
			const seen = result.intervals.length > 0 && (!types || result.keys.length > 0);
			if (performance.now() - begun < ms || !seen) requestAnimationFrame(frame);
			else resolve();
		};
		requestAnimationFrame(frame);
	});
	document.removeEventListener('keydown', key, { capture: true });
	const seconds = (performance.now() - begun) / 1000;
	result.flood = ((line() - from) * lineBytes) / seconds;
	return result;
}
