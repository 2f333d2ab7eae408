/** The articles, the latest first: what the page shows, and what the coordinator's task is about. */
import { articleList } from './article-list.ts';

export interface Article {
  readonly id: string;
  readonly title: string;
  readonly section: string;
  readonly topics: readonly string[];
  /** Of the invented paper's calendar. */
  readonly published: Date;
  readonly lead: string;
}

const dayMilliseconds = 86_400_000;
/** The day of the paper's last issue. */
const lastIssue = Date.UTC(2026, 4, 14);

export const articles: readonly Article[] = articleList
  .trim()
  .split('\n')
  .map(articleOf)
  .sort((a, b) => b.published.getTime() - a.published.getTime());

export const articlesById: ReadonlyMap<string, Article> = new Map(articles.map((article) => [article.id, article]));

export const sections: readonly string[] = [...new Set(articles.map(({ section }) => section))].sort();

function articleOf(line: string): Article {
  const [title, section, topics, daysAgo, lead] = line.split('|');
  return {
    id: title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    title,
    section,
    topics: topics.split(','),
    published: new Date(lastIssue - Number(daysAgo) * dayMilliseconds),
    lead,
  };
}
