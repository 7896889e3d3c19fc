/** The names of the operator's cluster, from the file to a lesson's page, its commands and its checks; and what stands there without them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { dataPaths, root } from '../../sandbox-server/setup/paths.ts';
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { Progress } from '../../sandbox-server/setup/progress.ts';
import { ensureSite } from '../../sandbox-server/setup/site.ts';

const place = realpathSync(mkdtempSync(join(tmpdir(), 'etabli-profile-')));
const url = process.env['ETABLI_TEST_ENGINE'] ?? '';
after(async () => {
	rmSync(place, { recursive: true, force: true });
	if (url === '') return;
	const { images } = await connectEngine({ url, stateDir: tmpdir() });
	for (const tag of await images.names('etabli-course-names')) await images.untag(tag);
});

const put = (path: string, content: string): string => {
	const file = join(place, path);
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, content);
	return file;
};

const course = 'courses/names';
put(`${course}/course.yaml`, 'title: { fr: Noms, en: Names }\nsummary: { fr: S, en: S }\nauthors: [A]\n');
put(`${course}/image/Dockerfile`, 'ARG BASE\nFROM ${BASE}\n');
put(
	`${course}/01-there/lesson.yaml`,
	`minutes: 2
steps:
  - id: there
    check: { file: there.sh, contains: ["^cd {{cluster.scratch}}/x$", "^# {{cluster.name}}$"], hint: 1 }
  - id: asked
`,
);
put(
	`${course}/01-there/checks/asked.sh`,
	`#!/bin/sh
. /opt/etabli/check.sh
file_exists asked.txt || fail 'Pas encore.' 'Not yet.' hint 1
cluster_says partition "$(cat asked.txt)" || fail 'Un autre nom.' 'Another name.' hint 1
pass
`,
);
put(`${course}/01-there/solutions/there.sh`, "cat > there.sh <<'END'\ncd {{cluster.scratch}}/x\n# {{cluster.name}}\nEND\n");
put(`${course}/01-there/solutions/asked.sh`, 'echo {{cluster.partition}} > asked.txt\n');
const step = (id: string, block: string) =>
	`<Step id="${id}">\n\n## ${id}\n\n${block}\n\n<Hint>\n\nh\n\n</Hint>\n<Solution>\n\ns\n\n</Solution>\n\n</Step>\n`;
for (const language of ['fr', 'en']) {
	put(
		`${course}/01-there/${language}.mdx`,
		`---
title: There
description: D.
---

${step('there', '```bash file=there.sh\ncd {{cluster.scratch}}/x\n# {{cluster.name}}\n```')}
${step('asked', '```bash run\necho {{cluster.partition}} > asked.txt\n```')}

On **{{cluster.name}}**, \`sbatch -p {{cluster.partition}}\`; {{cluster.documentation}} and {{cluster.support}}.

| where |
|---|
| {{cluster.name}} |
`,
	);
}
// Blanks, marks of Markdown, of tables and of shells.
const profile = put(
	'cluster.yaml',
	`name: "L'*Étoile* & _Cie_ | 1"
partition: cpu
scratch: /scratch/formation
documentation: "https://etoile.example.org/?a=1&b=2"
support: a@example.org
`,
);
const name = 'L’*Étoile* &amp; _Cie_ | 1';

test('the site is built with the names, as text; without a profile it has marked placeholders, and says so', async () => {
	const quiet = new Writable({ write: (_chunk, _encoding, done) => done() }) as unknown as NodeJS.WriteStream;
	const progress = new Progress(quiet);
	const folders = [join(place, 'courses')];
	const build = async (clusterProfile: string | undefined) => {
		const request = { paths: dataPaths(join(place, 'data')), courses: readCourses(folders), folders, progress };
		const { site } = await ensureSite({ ...request, clusterProfile });
		const page = readFileSync(join(site, 'fr/names/there/index.html'), 'utf8');
		// Options that stay in one line are no matter here.
		return page.replaceAll(/<span class="whole">([^<]*)<\/span>/g, '$1');
	};
	try {
		const page = (await build(profile)).replaceAll('&#38;', '&amp;').replaceAll('&#x26;', '&amp;');
		assert.ok(page.includes(`<strong>${name}</strong>`), page);
		assert.ok(page.includes(`<td>${name}</td>`));
		assert.match(page, /<code[^>]*>sbatch -p cpu<\/code>/);
		assert.match(page, /<a href="https:\/\/etoile\.example\.org\/\?a=1&amp;b=2">https:/);
		assert.match(page, /<a href="mailto:a@example\.org">a@example\.org<\/a>/);
		assert.match(page, /data-code="cd \/scratch\/formation\/x/);
		assert.doesNotMatch(page, /to-fill|\{\{cluster/);
		const bare = await build(undefined);
		assert.match(bare, /<code>sbatch -p <span class="value to-fill" title="À remplacer[^"]*">PARTITION<\/span><\/code>/);
		assert.match(bare, /data-code="cd \/SCRATCH\/x/);
		assert.match(bare, /Les noms de votre cluster/);
		assert.doesNotMatch(bare, /Étoile|\{\{cluster|data-templates/);
	} finally {
		progress.close();
	}
});

test('a lesson that uses them is proved with a profile and without one', { skip: url === '' && 'there is no engine' }, () => {
	const prove = (...more: string[]) => {
		const args = ['prove', 'names', '--language', 'en', '--data', join(place, 'prove'), ...more];
		const { status, stdout, stderr } = spawnSync(join(root, 'etabli'), args, {
			cwd: place,
			encoding: 'utf8',
			env: {
				PATH: process.env['PATH'],
				HOME: process.env['HOME'],
				LANG: 'C.UTF-8',
				ETABLI_NODE: process.execPath,
				ETABLI_COURSES: join(place, 'courses'),
				ETABLI_TRUST: place,
				ETABLI_ENGINE: url,
			},
		});
		assert.equal(status, 0, stdout + stderr);
		assert.match(stdout, /^Proved: 4 of 4 proofs in 1 lesson, /m);
	};
	prove('--cluster-profile', profile);
	prove();
});
