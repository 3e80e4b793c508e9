// What a function finds as modules.cheerio: the library's build without input and output of its own.
import * as cheerio from 'cheerio';

globalThis.__pharos_cheerio = { ...cheerio };
