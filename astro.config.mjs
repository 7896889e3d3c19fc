/** The site. ETABLI_COURSES gives other folders of courses, ETABLI_SITE_OUT another folder for the built pages. */
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import { findCourses, pathsFromText } from './src/courses/places.ts';
import { courseModule } from './src/plugins/course-module.ts';
import { lessonSource } from './src/plugins/lesson-source.ts';
import { readCatalogue } from './src/site/read-catalogue.ts';

const coursePaths = pathsFromText(process.env.ETABLI_COURSES ?? 'courses', process.cwd());
const catalogue = readCatalogue(coursePaths);
const { places } = findCourses(coursePaths);
const folders = places.map(({ path }) => path);
const override = (name) => `./src/components/overrides/${name}.astro`;

export default defineConfig({
	outDir: process.env.ETABLI_SITE_OUT ?? 'dist',
	...(process.env.ETABLI_SITE_CACHE ? { cacheDir: process.env.ETABLI_SITE_CACHE } : {}),
	trailingSlash: 'always',
	// It would stand on top of the dock.
	devToolbar: { enabled: false },
	integrations: [
		starlight({
			title: 'Établi',
			logo: { src: './src/assets/logo.svg', alt: '' },
			favicon: '/favicon.svg',
			defaultLocale: 'fr',
			locales: { fr: { label: 'Français', lang: 'fr' }, en: { label: 'English', lang: 'en' } },
			disable404Route: true,
			customCss: ['./src/styles/theme.css', './src/styles/lesson.css', './src/styles/dock.css'],
			markdown: { headingLinks: false, processedDirs: folders },
			routeMiddleware: './src/site/route-data.ts',
			components: Object.fromEntries(
				['Footer', 'Head', 'LanguageSelect', 'PageTitle', 'Search', 'Sidebar', 'SocialIcons', 'TwoColumnContent'].map((name) => [
					name,
					override(name),
				]),
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
	],
	vite: {
		plugins: [courseModule(catalogue, places), lessonSource(places, catalogue)],
		// Small scripts stay files: the content policy then needs no hash for them.
		build: { assetsInlineLimit: 0 },
		// While a course is written, its pictures come from where it lies.
		server: { fs: { allow: ['.', ...folders] } },
	},
});
