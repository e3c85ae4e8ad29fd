/** Pages that are LinkPick's own. While `use_legacy_routes` is on they are its site's for everybody, operators among them. */
export const LINKPICK_PATHS: string[] = [
  '/campaigns*',
  '/influencers*',
  '/business*',
  '/applications*',
  '/saved*',
  '/mypage*',
  '/profile*',
  '/messages*',
  '/notifications*',
  '/login',
  '/signup*',
  '/auth/*',
  '/api/auth/*',
  '/about',
  '/terms',
  '/privacy',
];
