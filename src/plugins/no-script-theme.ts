/**
 * Which theme a page has is decided by a script; without scripts it would be dark for everybody. Astro integration: what the built style
 * sheets say of the light theme, once more without asking for it, as a sheet that Head.astro links within <noscript> for light systems.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';

/** Address of the sheet. */
export const noScriptTheme = '/no-script-light.css';

/** Writes the sheet when the site has been built. */
export function noScriptLightTheme(): AstroIntegration {
	return {
		name: 'etabli-no-script-theme',
		hooks: {
			'astro:build:done': async ({ dir }) => {
				const folder = fileURLToPath(dir);
				const styles = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.css')).sort();
				const texts = await Promise.all(styles.map((name) => readFile(join(folder, name), 'utf8')));
				await mkdir(folder, { recursive: true });
				await writeFile(join(folder, noScriptTheme), texts.map(lightRules).join('\n'));
			},
		},
	};
}

/**
 * Rules whose selectors ask for the light theme → the same for every page, each in the @layer or @media that it stands in: of one layer, Starlight's
 * own would else win over ours.
 */
export function lightRules(css: string): string {
	return blocks(css.replace(/\/\*[\s\S]*?\*\//g, ''))
		.map(({ head, body }) => {
			const holdsRules = /^@(layer|media|supports|container)\b/.test(head);
			const [selectors, rules] = holdsRules ? [head, lightRules(body)] : [lightSelectors(head), body.trim()];
			return selectors && rules ? `${selectors}{${rules}}` : '';
		})
		.filter((rule) => rule !== '')
		.join('\n');
}

/** Those of a list that ask for the light theme, without asking. */
function lightSelectors(list: string): string {
	const light = list.split(',').filter((selector) => /\[data-theme=["']?light["']?\]/.test(selector));
	return light.map((selector) => selector.trim().replace(/\[data-theme=["']?light["']?\]/g, '[data-theme]')).join(',');
}

/** What stands side by side in a style sheet: rules, and @ with what is in them. */
function blocks(css: string): { head: string; body: string }[] {
	const found: { head: string; body: string }[] = [];
	let depth = 0;
	let from = 0;
	let open = 0;
	for (const { 0: sign, index } of css.matchAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]/g)) {
		if (sign === '{' && depth++ === 0) open = index;
		if (sign === '}' && --depth === 0) found.push({ head: css.slice(from, open).trim(), body: css.slice(open + 1, index) });
		if (depth === 0 && (sign === '}' || sign === ';')) from = index + 1;
	}
	return found;
}
