"""watchlists, and which of them a batch came from

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-30 00:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('watchlist',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_watchlist')),
    sa.UniqueConstraint('key', name=op.f('uq_watchlist_key'))
    )
    op.create_table('watchlist_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('watchlist_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('symbol', sa.String(length=64), nullable=False),
    sa.Column('options', sa.Text(), nullable=False),
    sa.Column('section', sa.String(length=80), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['watchlist_id'], ['watchlist.id'], name=op.f('fk_watchlist_entry_watchlist_id_watchlist')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_watchlist_entry')),
    sa.UniqueConstraint('watchlist_id', 'source', 'symbol', name=op.f('uq_watchlist_entry_watchlist_id_source_symbol')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('watchlist_entry', schema=None) as batch_op:
        batch_op.create_index('ix_watchlist_entry_position', ['watchlist_id', 'position'], unique=False)
    op.add_column('batch', sa.Column('lists', sa.Text(), nullable=True))


def downgrade():
    op.drop_column('batch', 'lists')  # not by a copy of the table, to which jobs refer
    with op.batch_alter_table('watchlist_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_watchlist_entry_position')
    op.drop_table('watchlist_entry')
    op.drop_table('watchlist')
