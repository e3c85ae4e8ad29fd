/** `npm run sql`: prints the SQL compiled from the entities. */
import { compileAll } from './compile/compile-all.ts';

process.stdout.write(compileAll());
