/**
 * Words as the search finds them. Its library splits words at blanks alone: « L’image » is one word to it, and "image" does not find it; and
 * it takes é for e, but not œ for oe. So what is indexed has signs that nobody types, and what is found is shown without them.
 */

// Unicode's private use area.
const glue = '\ue010';
const also = '\ue011';
const foldings: Record<string, string> = { œ: 'oe', Œ: 'Oe', æ: 'ae', Æ: 'Ae', ß: 'ss' };

/** Text of a page → what is indexed of it. */
export function indexed(text: string): string {
	return text
		.replace(/(?<=[\p{L}\p{N}])['’](?=[\p{L}\p{N}])/gu, `$&${glue} `)
		.replace(
			/[\p{L}\p{N}]*[œŒæÆß][\p{L}\p{N}œŒæÆß]*/gu,
			(word) => `${also}${word.replace(/[œŒæÆß]/g, (letter) => foldings[letter] ?? letter)} ${word}`,
		);
}

/** What was indexed, or a part of it in which <mark> shows what was looked for → as it stands on the page. */
export function shown(found: string): string {
	return found
		.replace(new RegExp(`<mark>(\\S*)${also}[^<]*</mark> (?:<mark>)?([^\\s<]+)(?:</mark>)?`, 'g'), '<mark>$1$2</mark>')
		.replace(new RegExp(`${also}[^\\s<]*(?: |$)`, 'g'), '')
		.replace(new RegExp(`${glue}(</mark>)? ?`, 'g'), '$1');
}

/** What a person types → what is looked for: an article that is glued to its noun is none of the words. */
export function lookedFor(typed: string): string {
	return typed
		.replace(/(?<![\p{L}\p{N}])(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\p{L})/giu, '')
		.replace(/(?<=[\p{L}\p{N}])['’](?=[\p{L}\p{N}])/gu, ' ');
}
