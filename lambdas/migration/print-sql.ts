/** `npm run sql`: prints the SQL compiled from the entities. */
import { compileAll } from './compile/index.ts';

process.stdout.write(compileAll());
