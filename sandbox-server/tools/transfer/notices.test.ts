import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodeLicence, thirdPartyNotices } from './notices.ts';

/** A folder with these files. */
function folder(t: TestContext, files: Record<string, string>): string {
	const root = mkdtempSync(join(tmpdir(), 'etabli-notices-'));
	t.after(() => rmSync(root, { recursive: true }));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(root, name)), { recursive: true });
		writeFileSync(join(root, name), text);
	}
	return root;
}

const status = `Package: libc6
Status: install ok installed
Source: glibc
Version: 2.41-12

Package: gone
Status: deinstall ok config-files
Version: 1

Package: bash
Status: install ok installed
Source: bash (5.2.37-2)
Version: 5.2.37-2+b1
`;

test('each part has its own words, its source, and the texts of the licences that it refers to', async (t) => {
	const root = folder(t, {
		'node/LICENSE': 'of Node.js',
		'node/bin/node': '',
		'node_modules/whole/package.json': '{"name":"whole","version":"1.0.0","license":"MIT","repository":"a/whole"}',
		'node_modules/whole/LICENSE.md': 'MIT of whole',
		'node_modules/whole/deps/inner/COPYING': 'of what it has taken in',
		'node_modules/whole/license.js': 'a program',
		'node_modules/whole/node_modules/below/package.json':
			'{"name":"below","version":"2.0.0","license":{"type":"ISC"},"repository":{"url":"git@github.com:b/below.git"}}',
		'node_modules/whole/node_modules/below/NOTICE': 'of below',
		'node_modules/built/package.json':
			'{"name":"built","version":"1.0.0","license":"MIT","repository":{"url":"git+https://github.com/a/whole.git"}}',
		'node_modules/lesser/package.json':
			'{"name":"lesser","version":"3.0.0","license":"LGPL-3.0-or-later","author":{"name":"Ann"},"homepage":"https://example.org/lesser"}',
		'node_modules/lesser/README.md': '# lesser\nAll of it.\n\n## Licensing\n\nglib: LGPLv3\n\n## More\nelse\n',
		'node_modules/bare/package.json': '{"name":"bare","version":"4.0.0","license":"0BSD"}',
	});
	const files: Record<string, Record<string, string>> = {
		'etabli-base:1': {
			'/usr/share/doc/libc6/copyright': 'of the C library',
			'/usr/share/common-licenses/LGPL-3': 'GNU LESSER GENERAL PUBLIC LICENSE',
			'/var/lib/dpkg/status': status,
		},
	};
	const text = await thirdPartyNotices({
		root,
		packages: [
			'node_modules/whole',
			'node_modules/whole/node_modules/below',
			'node_modules/built',
			'node_modules/lesser',
			'node_modules/bare',
		],
		node: join(root, 'node/bin/node'),
		images: ['etabli-base:1', 'etabli-seed/a/b:2'],
		read: async (image, paths) => paths.map((path) => files[image]?.[path] ?? ''),
	});
	const parts = text.split(/^=+\n/m);
	const part = (title: string) => parts.find((one) => one.startsWith(title)) ?? `(no ${title})`;
	assert.match(part('Node.js'), /of Node\.js/);
	assert.match(part('The agent'), /sandbox-server\/guest\/agent[\s\S]*of the C library/);
	assert.match(part('whole 1.0.0 (MIT)'), /^Source: https:\/\/github\.com\/a\/whole\n\nMIT of whole\n\nof what it has taken in\n+$/m);
	assert.match(part('below 2.0.0 (ISC)'), /^Source: https:\/\/github\.com\/b\/below\n\nof below/m);
	assert.match(part('built 1.0.0 (MIT)'), /Under the licence of whole 1\.0\.0 \(MIT\), of the same source\./);
	assert.match(
		part('lesser 3.0.0 (LGPL-3.0-or-later)'),
		/^Source: https:\/\/example\.org\/lesser\n\nBy Ann\.\n\n## Licensing\n\nglib: LGPLv3\n+$/m,
	);
	assert.match(part('bare 4.0.0 (0BSD)'), /^Source: https:\/\/www\.npmjs\.com\/package\/bare\n\nIt brings no text/m);
	assert.match(part('/usr/share/common-licenses/LGPL-3'), /GNU LESSER/);
	const debian = part('Image etabli-base:1');
	assert.match(debian, /^libc6 2\.41-12 {2}https:\/\/snapshot\.debian\.org\/package\/glibc\/2\.41-12\/$/m);
	assert.match(debian, /^bash 5\.2\.37-2\+b1 {2}https:\/\/snapshot\.debian\.org\/package\/bash\/5\.2\.37-2\/$/m);
	assert.doesNotMatch(debian, /gone/);
	assert.match(part('Image etabli-seed/a/b:2'), /no list of packages/);
	assert.doesNotMatch(text, /a program/);
});

test('the licence of Node.js is found where npm and nodejs.org put it; without one, nothing is handed on', (t) => {
	const root = folder(t, {
		[`own/node_modules/node-linux-${process.arch}/LICENSE`]: 'by npm, below',
		[`beside/node-linux-${process.arch}/LICENSE`]: 'by npm, beside',
		'usr/share/doc/nodejs/copyright': 'with the documentation',
		'bare/bin/node': '',
	});
	assert.equal(nodeLicence(join(root, 'own/bin/node')), 'by npm, below');
	assert.equal(nodeLicence(join(root, 'beside/node/bin/node')), 'by npm, beside');
	assert.equal(nodeLicence(join(root, 'usr/bin/node')), 'with the documentation');
	assert.throws(() => nodeLicence(join(root, 'bare/bin/node')), { name: 'Failure', message: /no licence beside/ });
});
