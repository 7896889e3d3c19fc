/** The site of courses of which one is at fault, by accident or on purpose: the rest is built, and nothing of a course runs. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { inlineScriptHashes } from '../../sandbox-server/http/content-policy.ts';
import { dataPaths } from '../../sandbox-server/setup/paths.ts';
import { servedCourses } from '../../sandbox-server/setup/prepare.ts';
import { Progress } from '../../sandbox-server/setup/progress.ts';
import { ensureSite } from '../../sandbox-server/setup/site.ts';

test('what is at fault is left out with a sentence, the rest is built, and no program of a course has run', async (t) => {
	const place = realpathSync(mkdtempSync(join(tmpdir(), 'etabli-site-')));
	t.after(() => rmSync(place, { recursive: true, force: true }));
	const mark = join(place, 'ran');
	const program = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(mark)}, '');\nexport default {};\n`;
	const put = (path: string, content: string | Uint8Array) => {
		mkdirSync(dirname(join(place, path)), { recursive: true });
		writeFileSync(join(place, path), content);
	};
	const lesson = (path: string, more = '') => {
		put(`${path}/lesson.yaml`, 'minutes: 1\nsteps:\n  - { id: one, check: false }\n');
		const body = `---\ntitle: T\ndescription: D\n---\n\n<Step id="one">\n\n## One\n\n${more}\n\n</Step>\n`;
		for (const language of ['fr', 'en']) put(`${path}/${language}.mdx`, body);
	};
	const course = (name: string) => {
		put(`courses/${name}/course.yaml`, `title: { fr: ${name}, en: ${name} }\nsummary: { fr: S, en: S }\nauthors: [A]\n`);
		put(`courses/${name}/image/Dockerfile`, 'ARG BASE\nFROM ${BASE}\n');
	};
	for (const name of ['broken', 'foreign', 'good']) course(name);
	lesson('courses/good/01-a', 'Fine.');
	lesson('courses/broken/01-a', 'Fine, too.');
	// The loader says so.
	lesson('courses/broken/02-aside', ':::note\n\nNever closed.');
	// Only the build can say so.
	lesson('courses/broken/03-picture', '![A cow](cow.png)');
	put('courses/broken/03-picture/cow.png', 'not a picture');
	// From elsewhere: programs by every way that there is, in a course whose own texts look harmless.
	lesson('courses/foreign/01-block', '```md from=blocks/a.md\n```');
	put('courses/foreign/01-block/blocks/a.md', `\`\`\`\n\n{(await import('node:fs')).writeFileSync(${JSON.stringify(mark)}, '')}\n`);
	lesson('courses/foreign/02-import', 'x');
	put('courses/foreign/02-import/en.mdx', `---\ntitle: T\ndescription: D\n---\n\n${program}\n<Step id="one">\n\n## One\n\n</Step>\n`);
	lesson('courses/foreign/03-script', '<script>{`document.title = "x"`}</script>');
	lesson('courses/foreign/04-picture', '![A cow](cow.js)');
	put('courses/foreign/04-picture/cow.js', program);
	for (const file of ['vite.config.js', 'astro.config.mjs', 'node_modules/astro/index.js', 'node_modules/astro/jsx-runtime.js'])
		put(`courses/foreign/${file}`, program);
	put('courses/foreign/node_modules/astro/package.json', '{"name":"astro","version":"7.0.0","type":"module","exports":{"./*":"./*.js"}}');

	let said = '';
	const progress = new Progress(
		new Writable({
			write(chunk, _, done) {
				said += String(chunk);
				done();
			},
		}) as unknown as NodeJS.WriteStream,
	);
	const folders = [join(place, 'courses')];
	const loaded = servedCourses(folders, progress);
	const { site, courses } = await ensureSite({ paths: dataPaths(join(place, 'data')), courses: loaded, folders, progress });
	progress.close();

	assert.deepEqual(
		courses.map(({ slug, lessons }) => [slug, ...lessons.map(({ folder }) => folder)]),
		[
			['broken', '01-a'],
			['foreign', '01-block'],
			['good', '01-a'],
		],
	);
	assert.match(said, /broken\/02-aside\/en\.mdx:\d+\n {2}The aside :::note is never closed\.\n {2}→ /);
	assert.match(said, /NOT SERVED[^\n]*: broken\/02-aside, foreign\/02-import, foreign\/03-script, foreign\/04-picture\./);
	assert.match(said, /NOT SERVED[^\n]*: broken\/03-picture\./);
	const page = (address: string) => join(site, address, 'index.html');
	for (const address of ['fr/good/a', 'en/broken/a', 'en/foreign/block']) assert.ok(existsSync(page(address)), address);
	for (const address of ['en/broken/aside', 'en/broken/picture', 'en/foreign/import', 'fr/foreign/script'])
		assert.ok(!existsSync(page(address)), address);
	assert.match(readFileSync(page('en/foreign/block'), 'utf8'), /writeFileSync/, 'it is shown as what it is: text');
	assert.ok(!existsSync(mark), 'a program of a course has run');
	// The content policy allows what stands in pages: nothing of a course's is among it.
	const hashes = (address: string) => inlineScriptHashes(readFileSync(page(address), 'utf8'));
	assert.deepEqual(hashes('en/foreign/block'), hashes('en/good/a'));
});
