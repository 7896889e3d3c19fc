/**
 * The site. ETABLI_COURSES gives other folders of courses, ETABLI_WITHOUT lessons that get no page (a JSON list of "course/folder"),
 * ETABLI_SITE_OUT another folder for the built pages, ETABLI_ACCESSIBILITY the file of the statement of accessibility,
 * ETABLI_CLUSTER_PROFILE that of the names of the operator's cluster,
 * ETABLI_COMPARISON what ./etabli compare has written.
 */
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import { readAccessibility } from './src/courses/accessibility.ts';
import { readClusterProfile } from './src/courses/cluster-profile-file.ts';
import { findCourses, pathsFromText } from './src/courses/folders.ts';
import { accessibilityModule } from './src/plugins/accessibility-module.ts';
import { clusterModule } from './src/plugins/cluster-module.ts';
import { comparisonModule, readComparisonFile } from './src/plugins/comparison-module.ts';
import { courseModule } from './src/plugins/course-module.ts';
import { lessonMarkdown } from './src/plugins/lesson-markdown.ts';
import { lessonSource } from './src/plugins/lesson-source.ts';
import { noScriptLightTheme } from './src/plugins/no-script-theme.ts';
import { searchWords } from './src/plugins/search-words.ts';
import { readCatalogue } from './src/site/read-catalogue.ts';

const statement = process.env.ETABLI_ACCESSIBILITY;
const profile = process.env.ETABLI_CLUSTER_PROFILE ? readClusterProfile(process.env.ETABLI_CLUSTER_PROFILE) : undefined;
const coursePaths = pathsFromText(process.env.ETABLI_COURSES ?? 'courses', process.cwd());
const catalogue = readCatalogue(coursePaths, JSON.parse(process.env.ETABLI_WITHOUT ?? '[]'));
const folders = findCourses(coursePaths).folders.filter(({ slug }) => catalogue.some((course) => course.slug === slug));
const paths = folders.map(({ path }) => path);
const words = searchWords();
const override = (name) => `./src/components/overrides/${name}.astro`;

export default defineConfig({
	outDir: process.env.ETABLI_SITE_OUT ?? 'dist',
	...(process.env.ETABLI_SITE_CACHE ? { cacheDir: process.env.ETABLI_SITE_CACHE } : {}),
	trailingSlash: 'always',
	// It would stand on top of the dock.
	devToolbar: { enabled: false },
	integrations: [
		lessonMarkdown(),
		words.before,
		starlight({
			title: 'Établi',
			logo: { src: './src/assets/logo.svg', alt: '' },
			favicon: '/favicon.svg',
			defaultLocale: 'fr',
			locales: { fr: { label: 'Français', lang: 'fr' }, en: { label: 'English', lang: 'en' } },
			disable404Route: true,
			customCss: ['./src/styles/theme.css', './src/styles/lesson.css', './src/styles/dock.css'],
			markdown: { headingLinks: false, processedDirs: paths },
			routeMiddleware: './src/site/route-data.ts',
			components: Object.fromEntries(
				['Footer', 'Head', 'LanguageSelect', 'PageTitle', 'Search', 'Sidebar', 'SkipLink', 'SocialIcons', 'TwoColumnContent'].map(
					(name) => [name, override(name)],
				),
			),
			sidebar: catalogue.map((course) => ({
				label: course.title.fr,
				translations: { en: course.title.en },
				items: course.lessons.map((lesson) => ({
					label: lesson.title.fr,
					translations: { en: lesson.title.en },
					link: `/${course.slug}/${lesson.slug}/`,
				})),
			})),
		}),
		words.after,
		noScriptLightTheme(),
	],
	vite: {
		plugins: [
			accessibilityModule(statement && readAccessibility(statement)),
			clusterModule(profile),
			comparisonModule(readComparisonFile(process.env.ETABLI_COMPARISON)),
			courseModule(catalogue, folders),
			lessonSource(folders, catalogue, profile),
		],
		// Small scripts stay files: the content policy then needs no hash for them.
		build: { assetsInlineLimit: 0 },
		// While a course is written, its pictures come from where it lies.
		server: { fs: { allow: ['.', ...paths] } },
	},
});
