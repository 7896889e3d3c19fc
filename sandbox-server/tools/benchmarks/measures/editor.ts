/** A large file in the editor of a real lesson page, in a real Chromium, with a real sandbox. */
import { Chromium, inPage, type Page } from '../chromium.ts';
import { lessonIn } from '../course.ts';
import { type EditorRequest, type EditorResult, openFilesInPage } from '../editor-page.ts';
import type { Kit, Measure } from '../kit.ts';
import type { Row } from '../rows.ts';
import { median, percentile } from '../statistics.ts';
import { type Beside, type Frames, prepareTyping, watchFrames } from '../typing-page.ts';

/** Between two keys: somebody who types fast. */
const keyMs = 100;
/** 60 frames a second, and what clocks differ by. */
const frameMs = 17;
/** Where the machine itself does not draw so many, with the terminal quiet. */
const mostSlower = 1.1;

/** Looks at the frames for some seconds. @param types somebody types meanwhile */
async function look(page: Page, seconds: number, types: boolean): Promise<Frames> {
	let over = false;
	const watched = page(inPage(watchFrames, { ms: seconds * 1000, types })).finally(() => {
		over = true;
	}) as Promise<Frames>;
	for (let typed = 0; types && !over; typed++) {
		const next = new Promise((resolve) => setTimeout(resolve, keyMs));
		// A page that is slow to take a key has the next ones wait, as a keyboard's do.
		void page.press('somebody types '[typed % 15] ?? ' ').catch(() => undefined);
		await next;
	}
	return await watched;
}

const together = (all: Frames[]): Frames => ({
	intervals: all.flatMap(({ intervals }) => intervals),
	keys: all.flatMap(({ keys }) => keys),
	flood: all.reduce((sum, { flood }) => sum + flood, 0) / all.length,
});

/** Somebody types in the file that is open, in turns beside a terminal that is quiet and beside one that floods. */
async function type(kit: Kit, page: Page): Promise<Row[]> {
	const { bytes, rounds, seconds } = kit.scale.editor;
	const seen: Record<Beside | 'idle', Frames[]> = { idle: [], quiet: [], behind: [], 'in sight': [] };
	for (let round = 0; round < rounds; round++) {
		for (const beside of ['quiet', 'behind', 'in sight'] as const) {
			kit.signal.throwIfAborted();
			kit.detail(`frames while somebody types, terminal ${beside}, round ${round + 1} of ${rounds}`);
			await page(inPage(prepareTyping, beside));
			if (beside === 'quiet') seen.idle.push(await look(page, seconds, false));
			seen[beside].push(await look(page, seconds, true));
		}
	}
	const [idle, quiet] = [together(seen.idle), together(seen.quiet)];
	const inTime = ({ intervals }: Frames) => ((100 * intervals.filter((ms) => ms <= frameMs).length) / intervals.length).toFixed(1);
	const rows = (what: string, frames: Frames, than: string, reference: Frames): Row[] => {
		const own = percentile(reference.intervals, 95);
		return [
			{
				what: `typing in a file of ${bytes / 1e6} MB, ${what}: from frame to frame, p95`,
				value: percentile(frames.intervals, 95),
				unit: 'ms',
				samples: frames.intervals.length,
				reference: { what: `${than}, p95`, value: own },
				target: own <= frameMs ? { of: 'figure', at: 'most', limit: frameMs } : { of: 'ratio', at: 'most', limit: mostSlower },
				note: `${inTime(frames)} % of frames within ${frameMs} ms, ${inTime(reference)} % of the reference’s; ${(frames.flood / 1e6).toFixed(2)} MB/s of flood`,
			},
			{
				what: `typing in a file of ${bytes / 1e6} MB, ${what}: key → painted, p95`,
				value: percentile(frames.keys, 95),
				unit: 'ms',
				samples: frames.keys.length,
				reference: { what: 'terminal quiet, p95', value: percentile(quiet.keys, 95) },
			},
		];
	};
	return [
		...rows('terminal quiet', quiet, 'nobody types', idle),
		...rows('the terminal floods in its tab', together(seen.behind), 'terminal quiet', quiet),
		...rows('the terminal floods in sight', together(seen['in sight']), 'terminal quiet', quiet),
	];
}

async function run(kit: Kit): Promise<Row[]> {
	const { bytes, runs } = kit.scale.editor;
	const site = await kit.site();
	const shown = lessonIn(site);
	const server = await kit.docker({ site, shown });
	const chromium = await Chromium.start();
	const stop = () => void chromium.stop();
	kit.signal.addEventListener('abort', stop);
	try {
		const page = await chromium.page(`${server.address}/en/${shown.course}/${shown.lesson}/`);
		kit.detail(`${runs} files of ${bytes / 1e6} MB, and as many of a line`);
		const request: EditorRequest = { ...shown, bytes, runs };
		const { large, small } = (await page(inPage(openFilesInPage, request))) as EditorResult;
		const typing = await type(kit, page);
		return [
			{
				what: `file of ${bytes / 1e6} MB in the editor in Chromium, click → painted, median`,
				value: median(large),
				unit: 'ms',
				samples: runs,
				reference: { what: 'a file of one line, in turns', value: median(small) },
				target: { of: 'figure', at: 'most', limit: 500 },
				note: 'the editor itself was loaded before, by another file',
			},
			...typing,
		];
	} finally {
		kit.signal.removeEventListener('abort', stop);
		await chromium.stop();
	}
}

export const editor: Measure = { name: 'editor', title: 'A large file in the editor', run };
