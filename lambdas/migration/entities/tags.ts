import { ANY_RARE_BLANK, BLANKS } from './blanks.ts';

/** A lexeme of a text search vector may take 2,046 bytes. */
const MAX_LEXEME_BYTES = 2_000;

/**
 * SQL of the tags in a text: '뷰티, 맛집,#여행', trimmed, # removed, empty and repeated tags dropped, order kept.
 *
 * Most texts are plain, and a campaign's tags are among the most a row's projection costs (1.9 µs, and 2.4 without what follows). So blanks behind commas go at once, and one look tells the
 * texts whose pieces have others at their ends. A text search vector is a set: with as many lexemes as there are pieces none is there twice. A few that may repeat are compared with each other,
 * which costs half of grouping them; many are grouped, since that grows with their number alone. Pieces are unnested in select lists: in a `from` each row's are stored away first.
 */
export function tagsOf(text: string): string {
  return `(
      select case
        when octet_length(packed) <= ${MAX_LEXEME_BYTES} and length(array_to_tsvector(array_remove(pieces, ''))) = cardinality(pieces) then pieces
        when cardinality(pieces) <= 32 then array(
          select tag from (select unnest(pieces) as tag, generate_subscripts(pieces, 1) as position) few
          where tag <> '' and array_position(pieces, tag) = position)
        else array(select tag from unnest(pieces) with ordinality as many (tag, position) where tag <> '' group by tag order by min(position))
      end
      from (
        select packed, case when packed ~ '^ |, | ,| $|${ANY_RARE_BLANK}'
          then array(select btrim(unnest(string_to_array(packed, ',')), ${BLANKS}))
          else array_remove(string_to_array(packed, ','), '')
        end as pieces
        from (select replace(replace(coalesce(${text}, ''), '#', ''), ', ', ',') as packed offset 0) once -- computed once
        offset 0
      ) trimmed
    )`;
}
