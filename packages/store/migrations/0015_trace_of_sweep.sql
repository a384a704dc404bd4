-- Where a sweep came from, for traces: the W3C traceparent of the request that submitted it. The spans of its trials join that trace, or link
-- to it. Null where tracing was off; a build of before writes none.
alter table sweep add column traceparent text check (length(traceparent) <= 100);
