/**
 * Expressive Code plugin: values of parameters inside code. lesson-source.ts writes `{{animal}}` of a block as a mark that holds the name
 * and an example; here the example is shown, and whatever else holds the mark (the text to copy, a title) gets a template beside it, which
 * src/browser/lesson/values.ts fills once the learner's own values are known. A name of a cluster that its operator has not given is marked
 * in the same way, and stays (cluster-values.ts).
 */
import { type AnnotationRenderOptions, ExpressiveCodeAnnotation, type ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code';
import type { Element, ElementContent, Parents } from 'hast';
import { isClusterValue } from '../shared/course/cluster-profile.ts';
import { exampleOf, type Parameters, valuePattern } from '../shared/course/parameters.ts';

// Characters that nobody types: Unicode's private use area.
const markPattern = /\ue000([a-z0-9_.]+)\ue001([^\ue002]*)\ue002/g;

/** A value of that name, of which `shown` is seen until it is filled in. */
export const valueMark = (name: string, shown: string): string => `\ue000${name}\ue001${shown}\ue002`;

/** Code as an author writes it → with marks in place of `{{animal}}`, until it is rendered. */
export function markValues(code: string, parameters: Parameters): string {
	return code.replace(valuePattern, (whole, name: string) => {
		const parameter = parameters[name];
		return parameter ? valueMark(name, exampleOf(parameter)) : whole;
	});
}

const shown = (text: string): string => text.replace(markPattern, '$2');
const template = (text: string): string =>
	text.replace(markPattern, (_, name: string, example: string) => (isClusterValue(name) ? example : `{{${name}}}`));

const valueElement = (name: string, children: ElementContent[]): Element => ({
	type: 'element',
	tagName: 'span',
	properties: isClusterValue(name) ? { className: ['value', 'to-fill'] } : { className: ['value'], dataValue: name },
	children,
});

/** Part of a line of code: what the highlighter has made of the mark becomes the example, in the same colour. */
class ValueAnnotation extends ExpressiveCodeAnnotation {
	readonly #name: string;
	readonly #example: string;

	constructor(name: string, example: string, columnStart: number, columnEnd: number) {
		super({ inlineRange: { columnStart, columnEnd }, renderPhase: 'latest' });
		this.#name = name;
		this.#example = example;
	}

	override render({ nodesToTransform }: AnnotationRenderOptions): Parents[] {
		return nodesToTransform.map((node, index) => {
			const text: ElementContent[] = index === 0 ? [{ type: 'text', value: this.#example }] : [];
			return node.type !== 'element'
				? valueElement(this.#name, text)
				: { ...node, children: index === 0 ? [valueElement(this.#name, text)] : [] };
		});
	}
}

/** Shows the examples that markValues() has left in blocks. */
export function learnerValues(): ExpressiveCodePlugin {
	return {
		name: 'etabli-learner-values',
		hooks: {
			annotateCode: ({ codeBlock }) => {
				for (const line of codeBlock.getLines()) {
					for (const mark of line.text.matchAll(markPattern)) {
						const [whole, name = '', example = ''] = mark;
						line.addAnnotation(new ValueAnnotation(name, example, mark.index, mark.index + whole.length));
					}
				}
			},
			postprocessRenderedBlock: ({ renderData }) => fill(renderData.blockAst),
		},
	};
}

/** Whatever of a block still holds marks: attributes and texts. */
function fill(element: Element): void {
	const templates: Record<string, string> = {};
	for (const [name, value] of Object.entries(element.properties)) {
		if (typeof value !== 'string' || shown(value) === value) continue;
		// As the page has it: dataCode is data-code there.
		if (template(value) !== shown(value)) templates[name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)] = template(value);
		element.properties[name] = shown(value);
	}
	if (Object.keys(templates).length > 0) element.properties.dataTemplates = JSON.stringify(templates);
	for (const child of element.children) {
		if (child.type === 'element') fill(child);
		else if (child.type === 'text') child.value = shown(child.value);
	}
}
