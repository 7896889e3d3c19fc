import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { axeVersion, conformityOf, day, readAccessibility } from './accessibility.ts';

function read(t: { after: (tidy: () => void) => void }, text: string) {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-statement-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'accessibility.yaml');
	writeFileSync(file, text);
	return readAccessibility(file);
}

const who = 'organisation: Mésocentre\ncontact: a@example.org\n';
const audit = (rate: string, date = '2026-10-01') => `${who}audit: { date: ${date}, by: Cabinet, rate: ${rate} }\n`;

test('conformity is as the audit says, and none without one', (t) => {
	assert.equal(conformityOf(undefined), 'none');
	assert.equal(conformityOf(read(t, who)), 'none');
	const conformities = ['100', '99.9', '50', '49.9', '0'].map((rate) => conformityOf(read(t, audit(rate))));
	assert.deepEqual(conformities, ['full', 'partial', 'partial', 'none', 'none']);
});

test('the example of the documentation is one that is taken', (t) => {
	const page = readFileSync(new URL('../../docs/operator/accessibility.md', import.meta.url), 'utf8');
	const { organisation, exceptions } = read(t, /```yaml\n([^`]*)```/.exec(page)?.[1] ?? '');
	assert.deepEqual([organisation, exceptions.length], ['Mésocentre de Saint-Exemple', 1]);
});

test('a mistake is told with its line: no contact, a rate of 120, an audit to come, a key that is none', (t) => {
	const told = (text: string): string => {
		try {
			read(t, text);
		} catch (error) {
			return error instanceof Error ? error.message : '';
		}
		return 'taken';
	};
	assert.match(told('organisation: M\n'), /contact/);
	assert.match(told(audit('120')), /accessibility\.yaml:3\n.*rate/);
	assert.match(told(audit('80', '2999-01-01')), /accessibility\.yaml:3\n.*date/);
	assert.match(told(`${who}adit: { }\n`), /accessibility\.yaml:3\n.*adit[\s\S]*audit/);
	assert.match(told('organisation: M\ncontact: javascript:alert(1)\n'), /contact/);
});

test('dates are read as in a text, and the program of the checks is the one that makes them', () => {
	assert.deepEqual(
		[day('2026-10-01', 'fr'), day('2026-10-01', 'en'), day('2026-11-21', 'fr')],
		['1er octobre 2026', '1 October 2026', '21 novembre 2026'],
	);
	const installed = JSON.parse(readFileSync(new URL('../../node_modules/axe-core/package.json', import.meta.url), 'utf8')) as {
		version: string;
	};
	assert.ok(installed.version.startsWith(`${axeVersion}.`), installed.version);
});
