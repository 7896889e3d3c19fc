/** course.yaml and the image of an imported course. */
import type { Language } from '../../../../src/shared/language.ts';
import { usualPackages } from './machine.ts';

export interface CourseParts {
	title: string;
	language: Language;
	/** Something in it runs: the image gets programs. */
	runs: boolean;
	/** Packages besides the usual ones. */
	packages: readonly string[];
	/** Such as "en_US", each in UTF-8. */
	locales: readonly string[];
	/** Name of the imported folder. */
	from: string;
}

/** @returns path in the course's folder → text of `course.yaml` and `image/Dockerfile` */
export function courseFiles({ title, language, runs, packages, locales, from }: CourseParts): Map<string, string> {
	const text = JSON.stringify(title);
	const course = `# Imported from Killercoda or Katacoda scenarios: docs/author/import.md says what to look at.
title: { fr: ${text}, en: ${text} }
summary:
  fr: Cours repris de scénarios Killercoda ou Katacoda.
  en: A course taken over from Killercoda or Katacoda scenarios.
# Whose it is: correct this, and the license, before you publish it.
authors: [${JSON.stringify(`The authors of ${from}`)}]
license: LicenseRef-see-source
# The texts are in this language only.
languages: [${language}]
${runs ? '# Scenarios expect to be root: root of a namespace of its own, with no right outside of it.\nuser: root\n' : ''}pool: 0
`;
	return new Map([
		['course.yaml', course],
		['image/Dockerfile', runs ? dockerfile(packages, locales) : `ARG BASE\nFROM \${BASE}\n${learner}`],
	]);
}

const learner = `RUN useradd --create-home --uid 1000 --shell /bin/bash learner && rm -rf /var/tmp && ln -s /tmp /var/tmp
USER learner
WORKDIR /home/learner
CMD ["bash"]
`;

function dockerfile(packages: readonly string[], locales: readonly string[]): string {
	const more = packages.filter((name) => !usualPackages.includes(name));
	const extra =
		more.length === 0
			? ''
			: `
# What the scenarios install. Names that Debian does not have are left out.
RUN apt-get update -q -o Acquire::Check-Valid-Until=false; for name in ${more.join(' ')}; do \\
      apt-get install -y -q --no-install-recommends "$name" || echo "left out: $name"; \\
    done; rm -rf /var/lib/apt/lists/*
`;
	const named =
		locales.length === 0
			? ''
			: `
# The locales that they name.
RUN apt-get update -q -o Acquire::Check-Valid-Until=false && apt-get install -y -q --no-install-recommends locales \\
    && rm -rf /var/lib/apt/lists/* \\
    && for name in ${locales.join(' ')}; do localedef -i "$name" -f UTF-8 "$name.UTF-8" || echo "left out: $name"; done
`;
	return `# The machine of the scenarios. BASE is given by etabli: Debian 13.
ARG BASE
FROM \${BASE}
ARG DEBIAN_FRONTEND=noninteractive
# What scenarios take for granted.
RUN apt-get update -q -o Acquire::Check-Valid-Until=false && apt-get install -y -q --no-install-recommends \\
      ${usualPackages.join(' ')} \\
    && rm -rf /var/lib/apt/lists/*
${extra}${named}${learner}`;
}
