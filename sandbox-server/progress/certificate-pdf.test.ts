/** The file itself: what screen readers find in it, in both languages. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fill } from '../../src/shared/fill.ts';
import { languages } from '../../src/shared/language.ts';
import type { Certificate } from '../../src/shared/protocol/certificates.ts';
import { certificatePdf, unprintable } from './certificate-pdf.ts';
import { certificateTexts } from './certificate-texts.ts';
import { Drawer } from './draw.ts';

const certificate: Certificate = {
	code: 'ACDE-FGHJ-KPRT-WXY3-4679',
	course: 'tp-apptainer',
	title: { fr: 'TP Apptainer & <Slurm>', en: 'Apptainer hands-on' },
	name: 'Łukasz Müller-Nguyễn',
	lessons: 19,
	steps: 91,
	ms: 16_920_000,
	issued: Date.UTC(2026, 10, 29, 12),
};
const address = 'https://etabli.example.org/fr/attestation/#ACDE-FGHJ-KPRT-WXY3-4679';

test('a certificate is tagged, says its language and its title, and has its fonts; a thread draws the same', async () => {
	for (const [language, spoken] of [
		['fr', 'fr-FR'],
		['en', 'en-GB'],
	] as const) {
		const file = await certificatePdf(certificate, { language, address });
		const text = file.toString('latin1');
		for (const part of [
			/^%PDF-1\.7/,
			/\/MarkInfo \d+ 0 R/,
			/\/Marked true/,
			/\/StructTreeRoot \d+ 0 R/,
			new RegExp(`/Lang \\(${spoken}\\)`),
			/\/DisplayDocTitle true/,
			/<pdfuaid:part>1<\/pdfuaid:part>/,
			/\/FontFile2 \d+ 0 R/,
			/\/S \/H1\b/,
			/\/S \/Link\b/,
			/\/Contents \(https:\/\/etabli\.example\.org/,
			/\/S \/Figure\b/,
			/\/Alt \(/,
		])
			assert.ok(part.test(text), `${part}, ${language}`);
		assert.equal(text.match(/\/Type \/Page\b/g)?.length, 1, 'one page');
		assert.ok(!/\/BaseFont \/Helvetica/.test(text), 'no font that garbles');
		const drawn = await new Drawer().certificate(
			certificate,
			{ language, address },
			{ learner: 'ada', gone: new AbortController().signal },
		);
		assert.ok(Math.abs(drawn.length - file.length) < 200 && drawn.subarray(0, 5).toString() === '%PDF-');
	}
});

test('what a certificate is worth is said', () => {
	assert.match(certificateTexts.honest.fr, /sous le compte de la personne.*pas un examen/);
	assert.match(certificateTexts.honest.en, /under the person’s own account.*not an examination/);
});

test('its numbers are said of one step in one lesson as of many', () => {
	for (const language of languages) {
		const said = fill(certificateTexts.facts[language], { steps: 1, lessons: 1, time: '3 min' });
		assert.doesNotMatch(said, /1 (étapes|leçons|steps|lessons)/);
		assert.match(said, /: 1 \((leçons|lessons).*1\)\./);
	}
});

test('what does not fit on a line goes on the next, on the same page', async () => {
	const long = { ...certificate, name: 'W'.repeat(40), title: { fr: 'Un titre qui n’en finit pas '.repeat(4), en: 'x' } };
	const file = await certificatePdf(long, { language: 'fr', address: `https://${'long.'.repeat(20)}example.org/#x` });
	assert.equal(file.toString('latin1').match(/\/Type \/Page\b/g)?.length, 1);
});

test('letters that the font lacks are named, each once', () => {
	assert.equal(unprintable('Ada Lovelace, Łukasz, Nguyễn, Ωμέγα, Иван, עברית, عربي, Հայ'), '');
	assert.equal(unprintable('李小龙 李 🙂'), '李小龙🙂');
});

const poppler = spawnSync('pdfinfo', ['-v']).error === undefined;

test('poppler reads it in its order; its day is that of UTC', {
	skip: poppler ? false : 'pdfinfo is not installed (poppler-utils)',
}, async () => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-certificate-'));
	const { TZ } = process.env;
	try {
		// Where the 30th has begun.
		process.env['TZ'] = 'Pacific/Kiritimati';
		const path = join(folder, 'a.pdf');
		writeFileSync(path, await certificatePdf(certificate, { language: 'fr', address }));
		const said = execFileSync('pdfinfo', ['-struct-text', path], { encoding: 'utf8' });
		const lines = said.split('\n').flatMap((line) => /^\s*"(.*)"$/.exec(line)?.[1] ?? []);
		assert.deepEqual(lines.slice(0, 5), [
			certificateTexts.title.fr,
			certificateTexts.awarded.fr,
			certificate.name,
			certificateTexts.for.fr,
			certificate.title.fr,
		]);
		assert.match(said, /29 novembre 2026/);
		assert.match(said, /Link \(inline\)\n\s*"https:\/\/etabli\.example\.org/);
		assert.match(execFileSync('pdffonts', [path], { encoding: 'utf8' }), /DejaVuSans-Bold\s+CID TrueType\s+Identity-H\s+yes yes yes/);
	} finally {
		if (TZ === undefined) delete process.env['TZ'];
		else process.env['TZ'] = TZ;
		rmSync(folder, { recursive: true });
	}
});
