-- Where a call stands is in its record alone: nobody looks for the open ones.
DROP INDEX usage_open;
ALTER TABLE usage DROP COLUMN state;
