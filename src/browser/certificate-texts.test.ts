import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateTextsOf } from './certificate-texts.ts';

test('a certificate’s day is the one that its file says, wherever it is looked at', (t) => {
	const { TZ } = process.env;
	t.after(() => {
		if (TZ === undefined) delete process.env['TZ'];
		else process.env['TZ'] = TZ;
	});
	process.env['TZ'] = 'Pacific/Kiritimati';
	const element = (language: string) => ({ dataset: { language } }) as unknown as HTMLElement;
	const noon = Date.UTC(2026, 10, 29, 12);
	assert.equal(certificateTextsOf(element('fr')).day(noon), '29 novembre 2026');
	assert.equal(certificateTextsOf(element('en')).day(noon), '29 November 2026');
});
