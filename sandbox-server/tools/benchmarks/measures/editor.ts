/** A large file in the editor of a real lesson page, in a real Chromium, with a real sandbox. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chromium } from '../chromium.ts';
import { type EditorRequest, type EditorResult, openFilesInPage } from '../editor-page.ts';
import type { Kit, Measure } from '../kit.ts';
import type { Row } from '../rows.ts';
import { median } from '../statistics.ts';

/** Some lesson of the built site. @throws Error when it has none */
function lessonIn(site: string): { course: string; lesson: string } {
	const folders = (path: string) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
	for (const { name: course } of folders(join(site, 'en'))) {
		for (const { name: lesson } of folders(join(site, 'en', course))) {
			const page = join(site, 'en', course, lesson, 'index.html');
			if (existsSync(page) && readFileSync(page, 'utf8').includes('class="lesson-frame"')) return { course, lesson };
		}
	}
	throw new Error(`there is no lesson in ${site}`);
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
		const evaluate = await chromium.page(`${server.address}/en/${shown.course}/${shown.lesson}/`);
		kit.detail(`${runs} files of ${bytes / 1e6} MB, and as many of a line`);
		const request: EditorRequest = { ...shown, bytes, runs };
		const { large, small } = (await evaluate(`(${openFilesInPage.toString()})(${JSON.stringify(request)})`)) as EditorResult;
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
		];
	} finally {
		kit.signal.removeEventListener('abort', stop);
		await chromium.stop();
	}
}

export const editor: Measure = { name: 'editor', title: 'A large file in the editor', run };
