/**
 * A certificate as a PDF that screen readers read (PDF/UA-1): tagged, in its language, with its font. Runs in a thread of its own (draw.ts).
 * The font is DejaVu: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic letters. A PDF's built-in fonts garble what they lack.
 */
import { createRequire } from 'node:module';
import { type Font, openSync } from 'fontkit';
import PDFDocument from 'pdfkit';
import { encode } from 'uqr';
import { dayText } from '../../src/shared/day.ts';
import { durationText } from '../../src/shared/duration.ts';
import { fill } from '../../src/shared/fill.ts';
import type { Language } from '../../src/shared/language.ts';
import type { Certificate } from '../../src/shared/protocol/certificates.ts';
import { typographic } from '../../src/shared/typography.ts';
import { certificateTexts } from './certificate-texts.ts';

const { resolve } = createRequire(import.meta.url);
const regular = resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const bold = resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

const ink = '#1f1a17';
const copper = '#9c4418';
const quiet = '#5c534d';
const margin = 64;
/** Side of the QR code, pt. */
const qrSide = 110;
const locales = { fr: 'fr-FR', en: 'en-GB' } as const;

let face: Font | undefined;

/** Letters of a name that the certificate's font does not have, each once; '' when it has all. */
export function unprintable(name: string): string {
	face ??= openSync(bold) as Font;
	const has = face;
	return [...new Set(name)].filter((letter) => !has.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0)).join('');
}

export interface PdfRequest {
	language: Language;
	/** Where the certificate is verified. */
	address: string;
}

/** What pdfkit has beside its published types. */
interface Document extends PDFKit.PDFDocument {
	appendXML(xml: string): void;
}

/** @returns the file */
export async function certificatePdf(certificate: Certificate, { language, address }: PdfRequest): Promise<Buffer> {
	const say = (key: keyof typeof certificateTexts, values: Record<string, string | number> = {}) =>
		fill(typographic(certificateTexts[key][language], language), values);
	const doc = new PDFDocument({
		size: 'A4',
		layout: 'landscape',
		margin,
		pdfVersion: '1.7',
		tagged: true,
		lang: locales[language],
		displayTitle: true,
		font: regular,
		// Nothing of a person's: pdfkit puts these into XML as they are.
		info: { Title: say('title'), Author: 'Établi' },
	}) as Document;
	const chunks: Buffer[] = [];
	doc.on('data', (chunk: Buffer) => chunks.push(chunk));
	const ended = new Promise<void>((done, failed) => doc.on('end', done).on('error', failed));
	// pdfkit's own option for this adds a table of letters to each font that the standard takes for incomplete.
	doc.appendXML(
		'<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about=""><pdfuaid:part>1</pdfuaid:part></rdf:Description>',
	);
	draw(doc, certificate, { language, address, say });
	doc.end();
	await ended;
	return Buffer.concat(chunks);
}

interface Drawing extends PdfRequest {
	say: (key: keyof typeof certificateTexts, values?: Record<string, string | number>) => string;
}

function draw(doc: Document, { name, title, steps, lessons, ms, issued, code }: Certificate, { language, address, say }: Drawing): void {
	const root = doc.struct('Document');
	doc.addStructure(root);
	const { width, height } = doc.page;
	doc.markContent('Artifact', { type: 'Layout' });
	doc
		.lineWidth(2)
		.strokeColor(copper)
		.rect(32, 32, width - 64, height - 64)
		.stroke();
	doc.endMarkedContent();
	const put = (type: string, text: string, look: { size: number; font?: string; color?: string; gap?: number; width?: number }) => {
		const { size, font = regular, color = ink, gap = 0 } = look;
		doc.y += gap;
		root.add(
			doc.struct(type, {}, () => {
				doc
					.font(font)
					.fontSize(size)
					.fillColor(color)
					.text(text, margin, doc.y, { width: look.width ?? width - 2 * margin });
			}),
		);
	};
	put('H1', say('title'), { size: 27, font: bold, color: copper });
	put('P', say('awarded'), { size: 13, color: quiet, gap: 18 });
	put('P', name, { size: 25, font: bold, gap: 4 });
	put('P', say('for'), { size: 13, color: quiet, gap: 14 });
	put('P', title[language], { size: 19, font: bold, gap: 4 });
	put('P', say('facts', { steps, lessons, time: durationText(ms) }), { size: 13, gap: 14 });
	put('P', say('issued', { when: dayText(issued, language) }), { size: 13, gap: 6 });

	// At the foot, beside the QR code.
	const beside = width - 2 * margin - qrSide - 24;
	const top = Math.max(doc.y + 18, height - margin - qrSide - 10);
	doc.y = top;
	put('P', say('code', { code }), { size: 13, font: bold, width: beside });
	put('P', say('verify'), { size: 10, color: quiet, gap: 6, width: beside });
	putLink(doc, root, address, beside);
	put('P', say('honest'), { size: 8.5, color: quiet, gap: 6, width: beside });
	putQr(doc, root, { address, alt: say('qr'), top });
	root.end();
}

function putLink(doc: Document, root: PDFKit.PDFStructureElement, address: string, width: number): void {
	const paragraph = doc.struct('P');
	root.add(paragraph);
	const link = doc.struct('Link');
	paragraph.add(link);
	const from = doc.y;
	link.add(() => {
		doc.font(regular).fontSize(10).fillColor(copper).text(address, margin, doc.y, { width, underline: true });
	});
	// PDF/UA wants each link to say where it leads.
	const more = { structParent: link, Contents: new String(address) } as never;
	doc.link(margin, from, Math.min(width, doc.widthOfString(address)), doc.y - from, address, more);
	paragraph.end();
}

/** Each run of dark modules of a row is a rectangle. */
function putQr(
	doc: Document,
	root: PDFKit.PDFStructureElement,
	{ address, alt, top }: { address: string; alt: string; top: number },
): void {
	const { data } = encode(address, { ecc: 'M', border: 0 });
	const left = doc.page.width - margin - qrSide;
	const module = qrSide / data.length;
	const options = { alt, bbox: [left, top, left + qrSide, top + qrSide] } as never;
	root.add(
		doc.struct('Figure', options, () => {
			for (const [row, cells] of data.entries()) {
				for (let from = 0; from < cells.length; from++) {
					if (!cells[from]) continue;
					let until = from;
					while (cells[until]) until++;
					doc.rect(left + from * module, top + row * module, (until - from) * module, module);
					from = until;
				}
			}
			doc.fill(ink);
		}),
	);
}
