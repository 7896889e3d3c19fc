/** Much output to a real browser: the terminal of the page must be as fast as xterm.js is with the same bytes and nothing behind it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { subprotocol, windowBytes } from '../../../../src/shared/protocol/messages.ts';
import { type PageRequest, type PageResult, printInPage } from '../browser-page.ts';
import { Chromium } from '../chromium.ts';
import { benchCourse, benchLesson } from '../course.ts';
import type { Kit, Measure } from '../kit.ts';
import type { Row } from '../rows.ts';
import { median } from '../statistics.ts';

const { resolve } = createRequire(import.meta.url);

async function run(kit: Kit): Promise<Row[]> {
	const { bytes, runs } = kit.scale.bulk;
	const server = await kit.docker();
	const chromium = await Chromium.start();
	const stop = () => void chromium.stop();
	kit.signal.addEventListener('abort', stop);
	try {
		const evaluate = await chromium.page(`${server.address}/healthz`);
		const css = readFileSync(resolve('@xterm/xterm/css/xterm.css'), 'utf8');
		await evaluate(
			`{ const sheet = new CSSStyleSheet(); sheet.replaceSync(${JSON.stringify(css)}); document.adoptedStyleSheets = [sheet]; }`,
		);
		// A script that looks for a module system finds none here, and leaves its classes at the top.
		await evaluate(`${readFileSync(resolve('@xterm/xterm/lib/xterm.js'), 'utf8')}\n;undefined`);
		const request: PageRequest = { course: benchCourse, lesson: benchLesson, subprotocol, bytes, ackBytes: windowBytes / 8, runs };
		kit.detail(`${runs} × ${bytes / 1e6} MB`);
		const { ours, alone } = (await evaluate(`(${printInPage.toString()})(${JSON.stringify(request)})`)) as PageResult;
		const short = ours.filter((one) => one.bytes < bytes).length;
		return [
			{
				what: 'output to a page in Chromium, median',
				value: median(ours.map(({ rate }) => rate)),
				unit: 'MB/s',
				samples: runs,
				reference: { what: 'xterm.js alone with the same bytes', value: median(alone) },
				target: { of: 'ratio', at: 'least', limit: 0.9 },
			},
			{
				what: 'runs in Chromium with fewer bytes than were printed',
				value: short,
				unit: 'runs',
				reference: { what: 'runs', value: runs },
				target: { of: 'figure', at: 'most', limit: 0 },
			},
		];
	} finally {
		kit.signal.removeEventListener('abort', stop);
		await chromium.stop();
	}
}

export const browser: Measure = { name: 'browser', title: 'Much output to a page in Chromium', run };
