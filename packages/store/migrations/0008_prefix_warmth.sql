-- Which prompt prefixes are in a provider's cache, or are being written by somebody, until when. What a crash forgets costs one more write.
create unlogged table prefix_warmth (
  key text primary key,
  is_warm boolean not null,
  until timestamptz not null
);
