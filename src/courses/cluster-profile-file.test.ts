import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ClusterProfile, clusterNames, clusterProfileEnv, clusterValues } from '../shared/course/cluster-profile.ts';
import { fillValues } from '../shared/course/parameters.ts';
import { readClusterProfile } from './cluster-profile-file.ts';

function read(t: { after: (tidy: () => void) => void }, text: string): ClusterProfile {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-profile-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'cluster.yaml');
	writeFileSync(file, text);
	return readClusterProfile(file);
}

test('the example of the documentation is taken, and names everything', (t) => {
	const page = readFileSync(new URL('../../docs/operator/cluster-profile.md', import.meta.url), 'utf8');
	const profile = read(t, /```yaml\n([^`]*)```/.exec(page)?.[1] ?? '');
	assert.deepEqual(Object.keys(profile).sort(), [...clusterNames].sort());
	const values = clusterValues(profile);
	assert.equal(values['cluster.modules'], 'gcc/13.2 openmpi/4.1');
	assert.equal(values['cluster.container_bind'], '$SCRATCH,/work');
});

test('a mistake is told with its line, what it is and what to write', (t) => {
	const told = (text: string): string => {
		try {
			read(t, text);
		} catch (error) {
			return error instanceof Error ? error.message : '';
		}
		return 'taken';
	};
	const rows: [string, RegExp][] = [
		['name: Z\npartitoin: cpu\n', /cluster\.yaml:2\n.*partitoin.*\n.*Write `partition`/],
		['partition: cpu\n', /name.*is missing/],
		['name: <b>Z</b>\n', /cluster\.yaml:1\n.*holds <, a sign of markup.*\n.*plain text/],
		['name: "Z\\nb"\n', /cluster\.yaml:1\n.*line break.*\n.*one line/],
		['name: |\n  Z\n  b\n', /line break/],
		[`name: ${'Z'.repeat(121)}\n`, /121 characters; 120 are the most/],
		['name: ""\n', /nothing in it/],
		['name: Z\npartition: cpu; rm -rf ~\n', /cluster\.yaml:2\n.*"cpu; rm -rf ~" is not one word/],
		['name: Z\naccount: "a`id`"\n', /cluster\.yaml:2\n.*holds `/],
		['name: Z\naccount: "$(id)"\n', /is not one word/],
		['name: Z\nscratch: /a b\n', /is not a path/],
		['name: Z\nscratch: $(id)\n', /is not a path/],
		['name: Z\nproxy: http://me:secret@proxy.example.org:3128\n', /without a user or a password/],
		['name: Z\ndocumentation: javascript:alert(1)\n', /is not an address/],
		['name: Z\nsupport: nobody\n', /is not an address of mail/],
		['name: Z\nmodules: [gcc, "a b"]\n', /cluster\.yaml:2\n.*modules\.1.*is not the name of a module/],
		['name: Z\nmodules: []\n', /modules/],
		['name: Z\nlogin: { a: 1 }\n', /login.*keys and values/],
		['- a\n', /cluster\.yaml/],
	];
	for (const [text, expected] of rows) assert.match(told(text), expected, text);
});

/** What is hard: blanks, an apostrophe, signs of a shell and of a regular expression. */
const hard = (t: Parameters<typeof read>[0]) =>
	read(t, `name: "L'Étoile & Cie * #1"\nscratch: $SCRATCH/x\ndocumentation: "https://example.org/?a=1&b=(2);c"\nmodules: [a/1, b+c]\n`);

test('in a shell a value is one word, whatever it holds and wherever it stands', (t) => {
	const profile = hard(t);
	assert.equal(profile.name, 'L’Étoile & Cie * #1');
	const text = `p() { printf '<%s>' "$@"; }
p {{cluster.name}} x{{cluster.documentation}} "{{cluster.name}}" '{{cluster.documentation}}' # {{cluster.name}}
p {{cluster.scratch}}/y "{{cluster.scratch}}/y" {{cluster.modules}} {{cluster.partition}}
cat <<END
{{cluster.name}}
END
p {{cluster.name}}
`;
	const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', fillValues(text, clusterValues(profile))], {
		encoding: 'utf8',
		env: { PATH: process.env['PATH'], SCRATCH: '/s s' },
	});
	assert.equal(stderr, '');
	const [name, page] = [profile.name, profile.documentation];
	assert.equal(stdout, `<${name}><x${page}><${name}><${page}></s s/x/y></s s/x/y><a/1><b+c><PARTITION>${name}\n<${name}>`);
});

test('scripts find every name, and which are the operator’s own', (t) => {
	const env = clusterProfileEnv(hard(t));
	assert.equal(env['CLUSTER_PROFILE'], 'name modules scratch documentation');
	assert.deepEqual([env['CLUSTER_SCRATCH'], env['CLUSTER_PARTITION']], ['$SCRATCH/x', 'PARTITION']);
	assert.equal(clusterProfileEnv(undefined)['CLUSTER_PROFILE'], '');
});
