-- What data-platform does to standing rows at revision 0001: a publish, a read that widens, a refusal, a new contract.

UPDATE outputs SET metadata_location = 'metadata/00003-new.metadata.json', version = 3
WHERE product = 'orders' AND name = 'orders_fact' AND version = 2;
INSERT INTO versions ("product", "output", "version", "contract_version", "contract_revision", "stage_id", "snapshot_id", "metadata_location", "manifest_list", "rows", "bytes", "files", "schema", "statistics", "outcome", "published_at", "published_by")
VALUES ('orders', 'orders_fact', 3, '1.1.0', 2, 'a-third-stage', 3, 'metadata/00003-new.metadata.json', 'metadata/snap-3.avro', 1, 1254, 1, '{"columns":[]}', '{}', 'passed', '2026-11-20 12:00:00.123456', 'ana@example.com');
UPDATE lineage SET latest = false WHERE product = 'orders' AND latest AND output = 'orders_fact';
INSERT INTO lineage ("product", "output", "version", "kind", "source_name", "source_output", "source_version", "columns", "latest")
VALUES ('orders', 'orders_fact', 3, 'product', 'customers', 'customers_dim', 1, '["id"]', true);
UPDATE usage SET columns = '["id","email"]' WHERE product = 'customers';
INSERT INTO incidents ("product", "output", "cause", "summary", "opened_at", "resolved_at", "occurrences", "last_at", "open")
VALUES ('orders', 'orders_fact', 'publish refused', '2 of 2 rules failed', '2026-11-20 12:07:00.123456', NULL, 1, '2026-11-20 12:07:00.123456', true)
ON CONFLICT (product, output, cause, open) DO UPDATE SET summary = excluded.summary, last_at = excluded.last_at, occurrences = incidents.occurrences + 1;
UPDATE incidents SET resolved_at = '2026-11-20 12:14:00.123456', open = NULL
WHERE product = 'orders' AND output = 'orders_fact' AND cause = 'publish refused' AND open;
INSERT INTO domains ("name", "responsibility", "owner", "members", "created_at")
VALUES ('crm', 'Who buys', NULL, '[]', '2026-11-20 12:21:00.123456')
ON CONFLICT (name) DO UPDATE SET responsibility = excluded.responsibility, owner = excluded.owner, members = excluded.members;
UPDATE products SET version = '1.0.1', revision = 2 WHERE name = 'customers' AND revision = 1;
INSERT INTO contracts ("product", "revision", "spec", "changes", "registered_at", "registered_by")
VALUES ('customers', 2, '{}', '["version"]', '2026-11-20 12:28:00.123456', 'ana@example.com');
UPDATE leases SET expires_at = '2026-11-20 13:00:00.123456' WHERE stage_id = '0123456789abcdef';
DELETE FROM leases WHERE stage_id = '0123456789abcdef';
