/** The same lesson as a page of Starlight without anything of ours, to compare weights with. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../sandbox-server/setup/paths.ts';
import { castNames, readCastFile } from '../../../src/courses/cast-file.ts';
import type { Course } from '../../../src/shared/course/course.ts';
import { type Language, languages } from '../../../src/shared/language.ts';
import { castText } from '../../../src/site/cast-text.ts';
import { taughtCourses } from '../../fixtures/server.ts';

const config = (course: Course) => `
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
export default defineConfig({
	trailingSlash: 'always',
	integrations: [starlight({
		title: 'Établi',
		defaultLocale: 'fr',
		locales: { fr: { label: 'Français', lang: 'fr' }, en: { label: 'English', lang: 'en' } },
		sidebar: [{ label: ${JSON.stringify(course.settings.title.fr)}, items: ${JSON.stringify(
			course.lessons.map(({ slug, head }) => ({ label: head.fr.title, link: `/${course.slug}/${slug}/` })),
		)} }],
	})],
	vite: { build: { assetsInlineLimit: 0 } },
});
`;

const content = `
import { defineCollection } from 'astro:content';
import { docsLoader } from '@astrojs/starlight/loaders';
import { docsSchema } from '@astrojs/starlight/schema';
export const collections = { docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) };
`;

/** Our components' tags → the plain HTML and Markdown that say the same. */
function plainText(
	source: string,
	{ solutions, casts, language }: { solutions: string[]; casts: Map<string, string>; language: Language },
): string {
	const hint = language === 'fr' ? 'Indice' : 'Hint';
	let solution = 0;
	return (
		source
			.replace(/^<Step id="[^"]*">$/gm, '')
			.replace(/^<Hint>$/gm, `\n<details>\n<summary>${hint}</summary>\n`)
			.replace(/^<Solution>$/gm, '\n<details>\n<summary>Solution</summary>\n')
			.replace(/^<\/Solution>$/gm, () => `\n\`\`\`bash\n${solutions[solution++] ?? ''}\n\`\`\`\n\n</details>\n`)
			.replace(/^<\/Hint>$/gm, '\n</details>\n')
			.replace(/^<Quiz question="([^"]*)">$/gm, '\n**$1**\n')
			.replace(/^<Choice(?: correct)?>(.*)<\/Choice>$/gm, '- $1')
			.replace(/^<Why>(.*)<\/Why>$/gm, '\n$1\n')
			.replace(/^<\/(Step|Quiz)>$/gm, '')
			.replace(
				/^<Cast name="([^"]*)" title="([^"]*)" \/>$/gm,
				(_, name, title) => `\n**${title}**\n\n\`\`\`text\n${casts.get(name)}\n\`\`\`\n`,
			)
			// A learner's value, or a name of the operator's cluster, which plain MDX would take for a program.
			.replace(/\{\{[\w.]+\}\}/g, '12345')
	);
}

/** What a lesson's recordings show in the end, by their names. */
async function castTexts(folder: string): Promise<Map<string, string>> {
	const texts = new Map<string, string>();
	for (const name of castNames(folder)) {
		const read = readCastFile(folder, name);
		if ('cast' in read) texts.set(name, await castText(read.cast));
	}
	return texts;
}

/** Builds it. @returns the folder of the pages; `remove` deletes everything */
export async function buildPlainStarlight(course: Course): Promise<{ folder: string; remove(): void }> {
	// Inside the checkout: packages are found by going up, and Astro does not get along with a link to them.
	const place = join(root, '.etabli/test');
	mkdirSync(place, { recursive: true });
	const work = mkdtempSync(join(place, 'plain-'));
	writeFileSync(
		join(work, 'package.json'),
		'{ "type": "module", "dependencies": { "@astrojs/mdx": "*", "@astrojs/starlight": "*", "astro": "*" } }',
	);
	writeFileSync(join(work, 'astro.config.mjs'), config(course));
	for (const language of languages) {
		const folder = join(work, 'src/content/docs', language, course.slug);
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(work, 'src/content.config.ts'), content);
		for (const lesson of course.lessons) {
			const source = readFileSync(join(taughtCourses, course.slug, lesson.folder, `${language}.mdx`), 'utf8');
			const solutions = lesson.steps.map((step) => step.solution ?? '');
			const casts = await castTexts(join(taughtCourses, course.slug, lesson.folder));
			writeFileSync(join(folder, `${lesson.slug}.mdx`), plainText(source, { solutions, casts, language }));
		}
	}
	execFileSync(process.execPath, [join(root, 'node_modules/astro/bin/astro.mjs'), 'build'], {
		cwd: work,
		env: { ...process.env, NODE_ENV: 'production', ASTRO_TELEMETRY_DISABLED: '1' },
		stdio: 'pipe',
	});
	return { folder: join(work, 'dist'), remove: () => rmSync(work, { recursive: true, force: true }) };
}
