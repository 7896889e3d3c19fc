/** The tags of lessons, with the attributes that each may have. Everything else is refused (lesson-data.ts). */

/** Components that every text has, without importing them. */
export const lessonTags = ['Step', 'Hint', 'Solution', 'Quiz', 'Choice', 'Why', 'Output', 'Cast'] as const;

const ofLessons: Record<(typeof lessonTags)[number], string[]> = {
	Step: ['id'],
	Hint: [],
	Solution: [],
	Quiz: ['question', 'id'],
	Choice: ['correct'],
	Why: [],
	Output: [],
	Cast: ['name', 'title'],
};

/** Tags of HTML that Markdown has no sign for, or that people are used to. */
export const textTags =
	'kbd br hr sub sup b i u s em strong small mark del ins code var samp abbr cite q dl dt dd details summary a p div span ul ol li blockquote figure figcaption table caption thead tbody tfoot tr th td wbr'.split(
		' ',
	);

/** Of every tag of HTML. Neither class, id nor style: they would change the page around the text. */
const everywhere = ['lang', 'dir', 'title'];
const ofText: Record<string, string[]> = {
	a: ['href'],
	details: ['open'],
	ol: ['start'],
	td: ['colspan', 'rowspan', 'align'],
	th: ['colspan', 'rowspan', 'align', 'scope'],
};

/** Tag → names of its attributes. */
export const attributesOf: ReadonlyMap<string, ReadonlySet<string>> = new Map<string, ReadonlySet<string>>([
	...Object.entries(ofLessons).map(([tag, names]) => [tag, new Set(names)] as const),
	...textTags.map((tag) => [tag, new Set([...everywhere, ...(ofText[tag] ?? [])])] as const),
]);
