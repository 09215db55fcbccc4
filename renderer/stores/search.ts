import { create } from 'zustand';
import { go } from './route';

interface SearchState {
  /** The query as typed, kept across pages. */
  query: string;
  /** Number of requests to focus the search field. */
  focusRequests: number;
}

export const useSearch = create<SearchState>(() => ({ query: '', focusRequests: 0 }));

export function setQuery(query: string): void {
  useSearch.setState({ query });
}

/** Opens the search page with the given or the previous query. */
export function searchInside(query?: string): void {
  useSearch.setState((state) => ({
    query: query ?? state.query,
    focusRequests: state.focusRequests + 1,
  }));
  go({ page: 'search' });
}
