/** Much output in a real lesson page, near and far, in turns with ttyd in the same browser: the time that the shell itself sees. */
import { Chromium, inPage, type Page } from '../chromium.ts';
import { lessonIn } from '../course.ts';
import { type DelayedWay, delayedWay } from '../delayed.ts';
import { beginKeeping, keepWhatComes, type Seen, untilPrompt, whatCame } from '../flood-page.ts';
import { type Kit, type Measure, sandboxOf, storedSandboxes } from '../kit.ts';
import { ownShell } from '../raw.ts';
import type { Row } from '../rows.ts';
import { median } from '../statistics.ts';
import { Ttyd } from '../ttyd.ts';

/** Added to the way there and back, ms. */
const away = [0, 50, 150, 300];

/** Time that a flood runs before it is interrupted, ms. */
const floodMs = 1500;
/** What a command may take on a slow machine, ms. */
const longest = 300_000;

interface Round extends Seen {
	/** From Enter to the frame with the prompt after all of it, ms. */
	shown: number;
	/** From Ctrl+C to the frame with the prompt, ms. */
	interrupted: number;
}

async function type(page: Page, command: string): Promise<void> {
	for (const letter of `${command}\r`) await page.press(letter);
}

async function round(page: Page, lines: number): Promise<Round> {
	await page.front();
	await page(inPage(untilPrompt, { ms: longest }));
	await type(page, 'TIMEFORMAT=took=%3R');
	await page(inPage(beginKeeping, undefined));
	await type(page, `time seq -f "line %07.0f of the output: the quick brown fox" 1 ${lines}`);
	const shown = (await page(inPage(untilPrompt, { words: 'took=\\d', ms: longest }))) as number;
	const seen = (await page(inPage(whatCame, lines))) as Seen;
	await page(inPage(beginKeeping, undefined));
	await type(page, 'seq -f "line %015.0f of the output: the quick brown fox" 1 999999999999');
	await new Promise((resolve) => setTimeout(resolve, floodMs));
	await page.pressCtrl('c');
	const interrupted = (await page(inPage(untilPrompt, { ms: longest }))) as number;
	await page(inPage(beginKeeping, undefined));
	await type(page, 'clear');
	return { ...seen, shown, interrupted };
}

/** The same in both pages, in turns. */
async function rounds(kit: Kit, pages: { ours: Page; ttyd: Page }, from: string): Promise<{ ours: Round[]; ttyd: Round[] }> {
	const result = { ours: [] as Round[], ttyd: [] as Round[] };
	for (let n = 0; n < kit.scale.page.rounds; n++) {
		for (const which of ['ours', 'ttyd'] as const) {
			kit.signal.throwIfAborted();
			kit.detail(`${from}, round ${n + 1} of ${kit.scale.page.rounds}, ${which}`);
			result[which].push(await round(pages[which], kit.scale.page.lines));
		}
	}
	return result;
}

function rows(roundTrip: number, { ours, ttyd }: { ours: Round[]; ttyd: Round[] }): Row[] {
	const where = roundTrip === 0 ? 'lesson page' : `lesson page, ${roundTrip} ms away`;
	const rate = (all: Round[]) => median(all.map(({ bytes, seconds }) => bytes / 1e6 / seconds));
	const seconds = (all: Round[]) => all.map((one) => one.seconds.toFixed(2)).join(', ');
	const samples = ours.length;
	const reference = 'ttyd in the same browser, in turns';
	return [
		{
			what: `${where}: output as the shell sees it, median`,
			value: rate(ours),
			unit: 'MB/s',
			samples,
			reference: { what: reference, value: rate(ttyd) },
			target: { of: 'ratio', at: 'least', limit: roundTrip === 0 ? 1.5 : 0.9 },
			note: `${seconds(ours)} s; ttyd ${seconds(ttyd)} s`,
		},
		{
			what: `${where}: Enter → all of it on the screen, median`,
			value: median(ours.map(({ shown }) => shown)),
			unit: 'ms',
			samples,
			reference: { what: reference, value: median(ttyd.map(({ shown }) => shown)) },
		},
		{
			what: `${where}: Ctrl-C in a flood → prompt painted, greatest`,
			value: Math.max(...ours.map(({ interrupted }) => interrupted)),
			unit: 'ms',
			samples,
			reference: { what: `${reference}, greatest`, value: Math.max(...ttyd.map(({ interrupted }) => interrupted)) },
			...(roundTrip === 0 && { target: { of: 'figure', at: 'most', limit: 300 } as const }),
		},
		{
			what: `${where}: runs that lost a byte`,
			value: ours.filter(({ whole }) => !whole).length,
			unit: 'runs',
			samples,
			reference: { what: 'of ttyd', value: ttyd.filter(({ whole }) => !whole).length },
			target: { of: 'figure', at: 'most', limit: 0 },
		},
	];
}

async function run(kit: Kit): Promise<Row[]> {
	Ttyd.find();
	const site = await kit.site();
	const shown = lessonIn(site);
	const server = await kit.docker({ site, shown });
	const chromium = await Chromium.start();
	const ways: DelayedWay[] = [];
	let ttyd: Ttyd | undefined;
	const end = async () => {
		for (const way of ways) way.close();
		await ttyd?.stop();
		await chromium.stop();
	};
	const stop = () => void end();
	kit.signal.addEventListener('abort', stop);
	try {
		const options = {
			before: inPage(keepWhatComes, undefined),
			size: { width: 1440, height: 900 },
		};
		const path = `/en/${shown.course}/${shown.lesson}/`;
		const result: Row[] = [];
		for (const roundTrip of away) {
			const reach = async (address: string) => {
				if (roundTrip === 0) return address;
				const way = await delayedWay(address, roundTrip);
				ways.push(way);
				return way.address;
			};
			kit.detail(`the pages, ${roundTrip} ms away`);
			const ours = await chromium.page(`${await reach(server.address)}${path}`, options);
			await ours(inPage(untilPrompt, { ms: longest }));
			ttyd ??= await Ttyd.start(ownShell(kit, sandbox(server)));
			const theirs = await chromium.page(await reach(ttyd.address), options);
			result.push(...rows(roundTrip, await rounds(kit, { ours, ttyd: theirs }, `${roundTrip} ms away`)));
			await chromium.closePages();
		}
		return result;
	} finally {
		kit.signal.removeEventListener('abort', stop);
		await end();
	}
}

/** The one of the only learner there is. */
function sandbox(server: Parameters<typeof storedSandboxes>[0]): string {
	const learner = storedSandboxes(server).find(({ learner }) => learner !== null)?.learner ?? '';
	return sandboxOf(server, learner);
}

export const page: Measure = { name: 'page', title: 'Much output in a lesson’s page', run };
